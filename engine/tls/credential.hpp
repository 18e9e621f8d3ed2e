// One certificate chain with its key, read and checked (tls.md 2.4), ready for SSL_set_chain_and_key. Immutable once
// loaded; shared by all sessions. Private to engine/tls.
#pragma once

#include <openssl/base.h>
#include <openssl/pool.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engine/tls/certificate_info.hpp"
#include "engine/tls/pem.hpp"
#include "engine/tls/server_snapshot.hpp"

namespace sluice::tls {

// Equal certificates (intermediates, mostly) are held once. A buffer must not outlive its pool.
using BufferPool = std::shared_ptr<CRYPTO_BUFFER_POOL>;
[[nodiscard]] BufferPool make_buffer_pool();

struct Credential {
    BufferPool pool;  // before the chain, so that it goes after it
    KeyType type = KeyType::unsupported;
    bssl::UniquePtr<EVP_PKEY> key;
    std::vector<bssl::UniquePtr<CRYPTO_BUFFER>> chain;  // DER, leaf first
    std::vector<CRYPTO_BUFFER*> chain_view;             // the same, as the library wants it
    CertificateInfo info;                               // of the leaf; `domain` is empty
};

struct CredentialResult {
    std::shared_ptr<const Credential> credential;  // null exactly if problems has an error
    std::vector<Problem> problems;
};

[[nodiscard]] CredentialResult load_credential(const CertificatePair& files, const Origin& origin,
                                               const BufferPool& pool, std::chrono::system_clock::time_point now);

}  // namespace sluice::tls
