// The time as logs of machines have it: in UTC, to the millisecond.
#pragma once

#include <chrono>
#include <string>

namespace sluice {

// RFC 3339, always of the same length: "2026-02-03T04:05:06.789Z". What is beyond the millisecond is cut off.
[[nodiscard]] std::string timestamp(std::chrono::system_clock::time_point time);

}  // namespace sluice
