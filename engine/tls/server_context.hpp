// The one SSL_CTX of a snapshot: callbacks for choosing the certificate, ALPN and tickets. Private to engine/tls.
#pragma once

#include <openssl/base.h>

#include "engine/tls/server_snapshot_impl.hpp"

namespace sluice::tls {

// Null if the library refuses; its error queue says why.
[[nodiscard]] bssl::UniquePtr<SSL_CTX> make_server_context(const ServerSnapshot::Impl& impl);

}  // namespace sluice::tls
