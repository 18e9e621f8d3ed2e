#include "engine/tls/peer_certificates.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

namespace sluice::tls {

namespace {

const std::uint8_t* octets(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

// What d2i_… reads from the beginning of `der`, if that is all of it.
template <typename Object>
bssl::UniquePtr<Object> parse_whole(std::string_view der, Object* (*parse)(Object**, const std::uint8_t**, long)) {
    const std::uint8_t* at = octets(der);
    bssl::UniquePtr<Object> object(parse(nullptr, &at, static_cast<long>(der.size())));
    if (object && at != octets(der) + der.size()) object.reset();
    return object;
}

}  // namespace

bssl::UniquePtr<X509> parse_certificate(std::string_view der) { return parse_whole<X509>(der, d2i_X509); }
bssl::UniquePtr<EVP_PKEY> parse_public_key(std::string_view der) { return parse_whole<EVP_PKEY>(der, d2i_PUBKEY); }

std::string sha256(std::string_view text) {
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(octets(text), text.size(), reinterpret_cast<std::uint8_t*>(digest.data()));
    return digest;
}

std::string sha512(std::string_view text) {
    std::string digest(SHA512_DIGEST_LENGTH, '\0');
    SHA512(octets(text), text.size(), reinterpret_cast<std::uint8_t*>(digest.data()));
    return digest;
}

std::vector<PeerCertificate> parse_chain(const PeerChain& chain) {
    std::vector<PeerCertificate> parsed;
    for (const std::string& der : chain) {
        bssl::UniquePtr<X509> x509 = parse_certificate(der);
        if (x509) {
            parsed.push_back({der, std::move(x509)});
        } else if (parsed.empty()) {
            break;
        }
    }
    return parsed;
}

}  // namespace sluice::tls
