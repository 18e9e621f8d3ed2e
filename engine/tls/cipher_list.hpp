// `ciphers` and `cipher_suite` of the configuration -> a list that BoringSSL's strict setter takes (tls.md 2.5). Pure:
// the library is asked only what a word matches. TLS 1.3 suites are fixed and not part of any list.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tls/problems.hpp"

namespace sluice::tls {

struct CipherListResult {
    std::string strict;  // for SSL_CTX_set_strict_cipher_list and Listener policies; empty if there is an error
    std::vector<Problem> problems;
};

// OpenSSL's list language, "DEFAULT:!3DES". Words that match nothing here are warnings, an empty result is an error.
[[nodiscard]] CipherListResult translate_ciphers(std::string_view list, const Origin& origin);

// [V] list of names, "ECDHE_RSA_WITH_AES_256_GCM_SHA384" or IANA or OpenSSL names. All three TLS 1.3 suites or none.
[[nodiscard]] CipherListResult translate_cipher_suite(const std::vector<std::string>& names, const Origin& origin);

// One cipher of a translated list, for `sluice tls ciphers`.
struct CipherFacts {
    std::string name;  // OpenSSL name
    std::string iana_name;
    std::uint16_t id = 0;  // on the wire
    int bits = 0;
    std::string key_exchange;  // "ECDHE", "RSA", "PSK", as the library says ("ECDHE_RSA")
    bool ecdsa = false;        // needs a certificate with an EC or Ed25519 key
};

// In order of preference. Empty if the list is not acceptable to the strict setter.
[[nodiscard]] std::vector<CipherFacts> expand_cipher_list(const std::string& strict);

}  // namespace sluice::tls
