// The signatures that we verify, of either side: the library's own list with Ed25519 and P-521 (tls.md 4.5, D4).
// Without them a server that has such a certificate only could not be reached, which in opportunistic mode means clear
// text, and a client with one would have to end the handshake. Private to engine/tls.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <cstdint>

namespace sluice::tls {

inline constexpr std::array<std::uint16_t, 12> kVerifiedSignatures = {SSL_SIGN_ECDSA_SECP256R1_SHA256,
                                                                      SSL_SIGN_RSA_PSS_RSAE_SHA256,
                                                                      SSL_SIGN_RSA_PKCS1_SHA256,
                                                                      SSL_SIGN_ECDSA_SECP384R1_SHA384,
                                                                      SSL_SIGN_RSA_PSS_RSAE_SHA384,
                                                                      SSL_SIGN_RSA_PKCS1_SHA384,
                                                                      SSL_SIGN_ED25519,
                                                                      SSL_SIGN_ECDSA_SECP521R1_SHA512,
                                                                      SSL_SIGN_RSA_PSS_RSAE_SHA512,
                                                                      SSL_SIGN_RSA_PKCS1_SHA512,
                                                                      SSL_SIGN_ECDSA_SHA1,
                                                                      SSL_SIGN_RSA_PKCS1_SHA1};

}  // namespace sluice::tls
