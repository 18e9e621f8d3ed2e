// Lengths of the parameters of RFC 3461, in octets as sent.
#pragma once

#include <cstddef>

namespace sluice::grammar::smtp {

inline constexpr std::size_t max_envelope_id = 100;         // RFC 3461 4.4
inline constexpr std::size_t max_original_recipient = 500;  // RFC 3461 4.2

}  // namespace sluice::grammar::smtp
