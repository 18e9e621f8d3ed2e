// Lengths of time as administrators write them, in configurations and rules (configuration.md section 2).
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace sluice::dsl::lib {

// "500ms", "1m 30s", "10min": integers with units from ns to y. Rounded up to a millisecond; nullopt for anything else,
// an overflow included.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace sluice::dsl::lib
