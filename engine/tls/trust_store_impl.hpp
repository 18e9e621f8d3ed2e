// What a TrustStore holds. Private to engine/tls: trust_store.cpp fills it, chain_check.cpp and server_channel.cpp read
// it.
#pragma once

#include <openssl/base.h>
#include <openssl/pool.h>
#include <openssl/x509.h>

#include <string>
#include <vector>

#include "engine/tls/trust_store.hpp"

namespace sluice::tls {

struct TrustStore::Impl {
    bssl::UniquePtr<X509_STORE> store;  // has a lock of its own: checks of several threads share it
    bool has_lists = false;             // certificate revocation lists
    std::vector<CertificateInfo> certificates;
    std::vector<bssl::UniquePtr<CRYPTO_BUFFER>> names;  // DER of the subjects: the hint for clients
    std::size_t names_size = 0;                         // octets of them all
    std::string digest;                                 // 32 octets
};

}  // namespace sluice::tls
