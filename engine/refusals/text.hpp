// Records for people. What clients sent cannot do anything to a terminal: control characters are shown as \x1b.
#pragma once

#include <filesystem>
#include <string>

#include "engine/refusals/record.hpp"

namespace sluice::refusals {

// Everything, in several lines. `root` is the configuration directory: the line of the rule is quoted if it is still
// there.
[[nodiscard]] std::string long_text(const Record& record, const std::filesystem::path& root);
// One line: time, ids, client, envelope, what refused, what was told.
[[nodiscard]] std::string short_text(const Record& record);

}  // namespace sluice::refusals
