// What of a ClientHello decides about certificates and alerts. Private to engine/tls.
#pragma once

#include <openssl/base.h>

#include <cstdint>
#include <vector>

#include "engine/tls/pem.hpp"
#include "engine/tls/server_snapshot.hpp"

namespace sluice::tls {

struct ClientHello {
    std::uint16_t legacy_version = 0;                 // the newest one, where supported_versions is missing
    std::vector<std::uint16_t> versions;              // supported_versions; empty in TLS 1.2 and older
    std::vector<std::uint16_t> signature_algorithms;  // empty: the extension is missing
    std::vector<std::uint16_t> groups;
    std::vector<std::uint16_t> cipher_suites;

    [[nodiscard]] static ClientHello parse(const SSL_CLIENT_HELLO& hello);
    [[nodiscard]] bool offers(std::uint16_t version) const;
    [[nodiscard]] bool offers_tls13() const { return offers(VersionSet::kNewest); }
    // The client can verify a certificate with a key of this type, given what the server allows (tls.md 2.4).
    [[nodiscard]] bool accepts(KeyType type, VersionSet allowed, const CipherPolicy& ciphers) const;
};

}  // namespace sluice::tls
