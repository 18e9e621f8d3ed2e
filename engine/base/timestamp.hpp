// The time as text, in UTC: for logs of machines, and for mail.
#pragma once

#include <chrono>
#include <string>

namespace sluice {

// RFC 3339, always of the same length: "2026-02-03T04:05:06.789Z". What is beyond the millisecond is cut off.
[[nodiscard]] std::string timestamp(std::chrono::system_clock::time_point time);

// RFC 5322 3.3 date-time: "Thu, 01 Jan 1970 00:00:00 +0000".
[[nodiscard]] std::string rfc5322_date(std::chrono::system_clock::time_point time);

}  // namespace sluice
