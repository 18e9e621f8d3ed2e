// Lengths of addresses, in octets. Reasons: RFC 5321 4.5.3.1 asks for at least 64/255/256; VERP and SRS senders need
// longer local parts, and nothing else in Sluice cares, so the local part may have 256.
#pragma once

#include <cstddef>

namespace sluice::grammar::mail {

inline constexpr std::size_t max_local_part = 256;   // with its quoting
inline constexpr std::size_t max_domain = 255;       // DNS
inline constexpr std::size_t max_domain_label = 63;  // DNS
inline constexpr std::size_t max_mailbox = max_local_part + 1 + max_domain;

}  // namespace sluice::grammar::mail
