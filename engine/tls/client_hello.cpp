#include "engine/tls/client_hello.hpp"

#include <openssl/bytestring.h>
#include <openssl/ssl.h>

#include <algorithm>

namespace sluice::tls {

namespace {

constexpr std::uint16_t kTls13 = 0x0304;

bool contains(const std::vector<std::uint16_t>& list, std::uint16_t value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

std::vector<std::uint16_t> numbers(CBS bytes) {
    std::vector<std::uint16_t> list;
    std::uint16_t value = 0;
    while (CBS_get_u16(&bytes, &value) == 1) list.push_back(value);
    return list;
}

// The list inside an extension, after a length of one or two bytes. Malformed ones are left to the library to refuse.
std::vector<std::uint16_t> extension(const SSL_CLIENT_HELLO& hello, std::uint16_t type, bool short_length) {
    const std::uint8_t* data = nullptr;
    std::size_t size = 0;
    if (SSL_early_callback_ctx_extension_get(&hello, type, &data, &size) != 1) return {};
    CBS bytes;
    CBS list;
    CBS_init(&bytes, data, size);
    const int read =
        short_length ? CBS_get_u8_length_prefixed(&bytes, &list) : CBS_get_u16_length_prefixed(&bytes, &list);
    return read == 1 ? numbers(list) : std::vector<std::uint16_t>();
}

struct Needs {
    std::uint16_t tls13_algorithm;  // in TLS 1.3 the curve is part of the signature algorithm
    std::uint16_t group;            // in TLS 1.2 it is asked for in supported_groups
};

Needs needs_of(KeyType type) {
    switch (type) {
        case KeyType::ec_p384: return {SSL_SIGN_ECDSA_SECP384R1_SHA384, SSL_CURVE_SECP384R1};
        case KeyType::ec_p521: return {SSL_SIGN_ECDSA_SECP521R1_SHA512, SSL_CURVE_SECP521R1};
        default: return {SSL_SIGN_ECDSA_SECP256R1_SHA256, SSL_CURVE_SECP256R1};
    }
}

}  // namespace

ClientHello ClientHello::parse(const SSL_CLIENT_HELLO& hello) {
    ClientHello parsed;
    CBS suites;
    CBS_init(&suites, hello.cipher_suites, hello.cipher_suites_len);
    parsed.cipher_suites = numbers(suites);
    parsed.legacy_version = hello.version;
    parsed.versions = extension(hello, TLSEXT_TYPE_supported_versions, true);
    parsed.signature_algorithms = extension(hello, TLSEXT_TYPE_signature_algorithms, false);
    parsed.groups = extension(hello, TLSEXT_TYPE_supported_groups, false);
    return parsed;
}

bool ClientHello::offers(std::uint16_t version) const {
    return versions.empty() ? version <= legacy_version && version < kTls13 : contains(versions, version);
}

bool ClientHello::accepts(KeyType type, VersionSet allowed, const CipherPolicy& ciphers) const {
    if (type == KeyType::rsa) return true;
    const bool tls13 = offers_tls13() && allowed.has(kTls13);
    if (!tls13) {
        const bool suite = std::any_of(ciphers.ecdsa_suites.begin(), ciphers.ecdsa_suites.end(),
                                       [this](std::uint16_t id) { return contains(cipher_suites, id); });
        if (!suite) return false;
    }
    if (type == KeyType::ed25519) return contains(signature_algorithms, SSL_SIGN_ED25519);
    const Needs needs = needs_of(type);
    if (tls13) return contains(signature_algorithms, needs.tls13_algorithm);
    const bool any_ecdsa =
        std::any_of(signature_algorithms.begin(), signature_algorithms.end(), [](std::uint16_t each) {
            return each == SSL_SIGN_ECDSA_SECP256R1_SHA256 || each == SSL_SIGN_ECDSA_SECP384R1_SHA384 ||
                   each == SSL_SIGN_ECDSA_SECP521R1_SHA512 || each == SSL_SIGN_ECDSA_SHA1;
        });
    return any_ecdsa && (groups.empty() || contains(groups, needs.group));
}

}  // namespace sluice::tls
