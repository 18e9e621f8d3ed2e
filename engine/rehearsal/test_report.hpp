// What `sluice test` prints.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "engine/rehearsal/test_run.hpp"

namespace sluice::rehearsal {

struct Tally {
    std::size_t passed = 0;
    std::size_t failed = 0;  // files that could not be loaded included
};

[[nodiscard]] Tally tally(std::span<const TestFile> files);
[[nodiscard]] std::string text_report(std::span<const TestFile> files);
// The XML form that CI systems read: a testsuite for each file.
[[nodiscard]] std::string junit_report(std::span<const TestFile> files);

}  // namespace sluice::rehearsal
