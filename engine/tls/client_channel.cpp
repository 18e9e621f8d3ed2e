#include "engine/tls/client_channel.hpp"

#include <openssl/err.h>
#include <openssl/pool.h>
#include <openssl/ssl.h>

#include <utility>

#include "engine/tls/client_context_impl.hpp"
#include "engine/tls/client_sessions_impl.hpp"

namespace sluice::tls {

namespace {

PeerChain chain_of(const SSL* ssl) {
    PeerChain chain;
    const STACK_OF(CRYPTO_BUFFER)* const shown = SSL_get0_peer_certificates(ssl);
    for (std::size_t i = 0; i < sk_CRYPTO_BUFFER_num(shown); ++i) {
        const CRYPTO_BUFFER* const each = sk_CRYPTO_BUFFER_value(shown, i);
        chain.emplace_back(reinterpret_cast<const char*>(CRYPTO_BUFFER_data(each)), CRYPTO_BUFFER_len(each));
    }
    return chain;
}

int alert_of(PeerFault fault) {
    switch (fault) {
        case PeerFault::expired:
        case PeerFault::not_yet_valid: return SSL_AD_CERTIFICATE_EXPIRED;
        case PeerFault::revoked: return SSL_AD_CERTIFICATE_REVOKED;
        case PeerFault::not_trusted: return SSL_AD_UNKNOWN_CA;
        case PeerFault::malformed:
        case PeerFault::name_mismatch:
        case PeerFault::not_pinned:
        case PeerFault::tlsa_mismatch:
        case PeerFault::no_certificate:
        case PeerFault::none: break;
    }
    return SSL_AD_BAD_CERTIFICATE;
}

}  // namespace

ClientChannel::ClientChannel(int descriptor, ClientHandshake handshake)
    : Channel(handshake.context->get(), descriptor, handshake.context), handshake_(std::move(handshake)) {
    if (ssl() == nullptr) return;
    SSL_set_connect_state(ssl());
    SSL_set_custom_verify(ssl(), SSL_VERIFY_PEER, &ClientChannel::judge_server);
    // A name that the library refuses (too long) is not sent; the server then shows what it has.
    std::string& name = handshake_.server_name;
    if (!name.empty() && SSL_set_tlsext_host_name(ssl(), name.c_str()) != 1) name.clear();
    resume();
    ERR_clear_error();
}

void ClientChannel::resume() {
    if (!handshake_.sessions) return;
    if (const auto session = handshake_.sessions->impl().get(handshake_.session_key))
        SSL_set_session(ssl(), session.get());
}

int ClientChannel::keep_session(SSL* ssl, SSL_SESSION* session) {
    auto* const self = static_cast<ClientChannel*>(static_cast<Channel*>(SSL_get_app_data(ssl)));
    if (!self->handshake_.sessions) return 0;
    self->handshake_.sessions->impl().put(self->handshake_.session_key, bssl::UniquePtr<SSL_SESSION>(session));
    return 1;  // it is ours now
}

// Also for a resumed session: dates, withdrawn certificates and our own demands may have changed since.
enum ssl_verify_result_t ClientChannel::judge_server(SSL* ssl, std::uint8_t* alert) {
    auto* const self = static_cast<ClientChannel*>(static_cast<Channel*>(SSL_get_app_data(ssl)));
    const auto now = std::chrono::system_clock::now();
    const PeerChain chain = chain_of(ssl);
    auto peer = std::make_shared<PeerFacts>();
    peer->leaf = describe_leaf(chain, now);
    peer->judgement = tls::judge(chain, self->handshake_.requirement, now);
    self->peer_ = peer;
    ERR_clear_error();
    if (peer->judgement.acceptable) return ssl_verify_ok;
    *alert = static_cast<std::uint8_t>(alert_of(peer->judgement.fault));
    return ssl_verify_invalid;
}

Facts ClientChannel::facts(bool implicit, std::chrono::milliseconds took) const {
    Facts facts = session_facts(implicit, took);
    if (!handshake_.server_name.empty()) facts.sni = handshake_.server_name;
    facts.peer = peer_;
    return facts;
}

HandshakeFailure ClientChannel::failure(HandshakeError kind, const error_code& why) const {
    HandshakeFailure failure{kind, failure_text(kind, why), std::nullopt, handshake_alert(), nullptr};
    if (!handshake_.server_name.empty()) failure.sni = handshake_.server_name;
    if (peer_ && !peer_->judgement.acceptable) failure.peer = peer_;
    return failure;
}

}  // namespace sluice::tls
