// Limits of reading ecelerity.conf.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::grammar::ecelerity {

// Stanzas and values in each other. Momentum's own nest three deep (group, binding, domain); what is read recursively
// must not overflow the stack.
inline constexpr std::uint32_t max_depth = 64;
// Octets of one file: offsets are 32 bits, and nobody writes that much by hand.
inline constexpr std::size_t max_file = 64 * 1024 * 1024;

}  // namespace sluice::grammar::ecelerity
