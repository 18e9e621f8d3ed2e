// A BIO that reads and writes a non-blocking descriptor directly. BoringSSL's own socket BIO uses write(), which raises
// SIGPIPE when the peer is gone; ours uses send(MSG_NOSIGNAL), so a library user need not change the process's signals.
#pragma once

#include <openssl/bio.h>

namespace sluice::tls {

// Does not own the descriptor. Null only when memory is exhausted.
[[nodiscard]] BIO* make_socket_bio(int descriptor);

}  // namespace sluice::tls
