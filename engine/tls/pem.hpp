// PEM files: certificates and private keys, with every way in which reading can fail as a problem. Private to
// engine/tls.
#pragma once

#include <openssl/base.h>

#include <chrono>
#include <string>
#include <vector>

#include "engine/tls/certificate_info.hpp"
#include "engine/tls/problems.hpp"

namespace sluice::tls {

// No chain or key is longer; a larger file is not one of ours.
constexpr std::size_t kLargestPemFile = 1024 * 1024;

// Whether reading PEM blocks ended with the file: of the errors that the library leaves then, the only one that is
// none.
[[nodiscard]] bool at_end_of_pem();

struct Chain {
    std::vector<bssl::UniquePtr<X509>> certificates;  // leaf first; empty exactly if a problem was added
};

[[nodiscard]] Chain read_chain(const std::string& path, const Origin& origin, std::vector<Problem>& problems);

// Null exactly if a problem was added. RSA, EC and Ed25519 in PKCS#1, SEC1 or PKCS#8 form.
[[nodiscard]] bssl::UniquePtr<EVP_PKEY> read_private_key(const std::string& path, const Origin& origin,
                                                         std::vector<Problem>& problems);

enum class KeyType : std::uint8_t { ec_p256, ec_p384, ec_p521, ed25519, rsa, dsa, unsupported };

[[nodiscard]] KeyType key_type_of(const EVP_PKEY* key);
// Of the public key in a certificate; tells DSA, whose key the library cannot parse.
[[nodiscard]] KeyType key_type_of(X509* certificate);
// "RSA-2048", "EC-P-256", "Ed25519"; "unknown" for a null key.
[[nodiscard]] std::string key_type_text(const EVP_PKEY* key);

[[nodiscard]] CertificateInfo describe(X509* certificate, std::chrono::system_clock::time_point now);

// The most specific common name, as UTF-8 of any characters; empty: none.
[[nodiscard]] std::string common_name(const X509_NAME* name);
// DER of the SubjectPublicKeyInfo, which pins and TLSA records are made of. (X509_pubkey_digest hashes the bits of the
// key only.) Empty if memory is exhausted.
[[nodiscard]] std::string public_key_info(X509* certificate);

}  // namespace sluice::tls
