#include "engine/tls/client_context.hpp"

#include <array>
#include <cstdint>

#include "engine/tls/client_context_impl.hpp"

namespace sluice::tls {

namespace {

// The library's own list lacks Ed25519 and P-521 (tls.md 4.5): a server with such a certificate only would not be
// reached, which in opportunistic mode means clear text.
constexpr std::array<std::uint16_t, 12> kSignatures = {SSL_SIGN_ECDSA_SECP256R1_SHA256,
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

}  // namespace

std::shared_ptr<const ClientContext> make_client_context() {
    bssl::UniquePtr<SSL_CTX> context(SSL_CTX_new(TLS_method()));
    if (!context) return nullptr;
    SSL_CTX* const c = context.get();
    SSL_CTX_set_custom_verify(c, SSL_VERIFY_PEER, [](SSL*, std::uint8_t*) { return ssl_verify_ok; });
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    const bool ready = SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1 &&
                       SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) == 1 &&
                       SSL_CTX_set_verify_algorithm_prefs(c, kSignatures.data(), kSignatures.size()) == 1;
    if (!ready) return nullptr;
    return std::make_shared<const ClientContext>(std::move(context));
}

}  // namespace sluice::tls
