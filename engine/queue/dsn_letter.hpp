// The part of a report that people read: plain English for who sent the message, not for administrators.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/queue/dsn.hpp"

namespace sluice::queue::dsn {

enum class Quoted : std::uint8_t { whole, header, beginning_of_header };

// UTF-8 with CRLF line ends, no line over 998 octets. `subject` is that of the original, decoded; empty: it had none.
[[nodiscard]] std::string letter(const Envelope& original, std::string_view subject,
                                 std::span<const DsnRecipient> recipients, const DsnOrigin& origin, Quoted quoted);

// The Subject of the report: tells the gravest action. With `utf8` an address in it may be UTF-8.
[[nodiscard]] std::string report_subject(std::span<const DsnRecipient> recipients, bool utf8);

}  // namespace sluice::queue::dsn
