// Momentum's names of TLS options, wherever a `tls` map is read (tls.md 1.3, 6): renamed to ours with a notice,
// accepted without effect, or refused, as old_names.def says.
#pragma once

#include <cstdint>

#include "engine/config/loading.hpp"

namespace sluice::config {

enum class TlsDirection : std::uint8_t { in, out };

// Call before the first key of the map is read.
void accept_old_names(Loading& loading, Reader& tls, TlsDirection direction);

}  // namespace sluice::config
