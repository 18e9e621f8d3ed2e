// What the client side of TLS needs before any host is known: versions, signature algorithms, how certificates are
// judged. Immutable and shared by all connections that go out; made once per policy. Today there is one policy:
// encryption without verification (tls.md 4.4, `verify: no`). Trust anchors, pins and TLSA records will be given to
// make_client_context(), so that nobody else changes.
#pragma once

#include <memory>

namespace sluice::tls {

class ClientContext;

// TLS 1.2 and 1.3; any certificate is taken. Null only if memory is exhausted.
[[nodiscard]] std::shared_ptr<const ClientContext> make_client_context();

}  // namespace sluice::tls
