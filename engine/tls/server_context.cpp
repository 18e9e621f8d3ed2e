#include "engine/tls/server_context.hpp"

#include <openssl/ssl.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/tls/server_channel.hpp"
#include "engine/tls/signature_algorithms.hpp"
#include "engine/tls/ticket_keys.hpp"

namespace sluice::tls {

namespace {

ssl_select_cert_result_t select_certificate(const SSL_CLIENT_HELLO* hello) {
    return ServerChannel::of(hello->ssl).select(*hello) ? ssl_select_cert_success : ssl_select_cert_error;
}

// Our order decides. A client that offers only other protocols is refused: it thinks it talks to something else
// (ALPACA).
int select_alpn(SSL* ssl, const std::uint8_t** out, std::uint8_t* out_size, const std::uint8_t* offered, unsigned size,
                void*) {
    const auto& ours = ServerChannel::of(ssl).alpn();
    if (ours.empty()) return SSL_TLSEXT_ERR_NOACK;
    for (const std::string& protocol : ours) {
        for (unsigned at = 0; at < size; at += offered[at] + 1u) {
            const std::string_view name(reinterpret_cast<const char*>(offered) + at + 1, offered[at]);
            if (name != protocol) continue;
            *out = offered + at + 1;
            *out_size = offered[at];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::size_t ticket_overhead(SSL*) { return TicketKeys::kOverhead; }

int seal_ticket(SSL* ssl, std::uint8_t* out, std::size_t* out_size, std::size_t room, const std::uint8_t* in,
                std::size_t size) {
    const auto written = ServerChannel::of(ssl).tickets().seal({in, size}, {out, room});
    *out_size = written.value_or(0);
    return written ? 1 : 0;
}

ssl_ticket_aead_result_t open_ticket(SSL* ssl, std::uint8_t* out, std::size_t* out_size, std::size_t room,
                                     const std::uint8_t* in, std::size_t size) {
    const auto written = ServerChannel::of(ssl).tickets().open({in, size}, {out, room});
    *out_size = written.value_or(0);
    return written ? ssl_ticket_aead_success : ssl_ticket_aead_ignore_ticket;
}

constexpr SSL_TICKET_AEAD_METHOD kTicketMethod = {ticket_overhead, seal_ticket, open_ticket};

}  // namespace

bssl::UniquePtr<SSL_CTX> make_server_context(const ServerSnapshot::Impl& impl) {
    bssl::UniquePtr<SSL_CTX> context(SSL_CTX_new(TLS_method()));
    if (!context) return nullptr;
    SSL_CTX* const c = context.get();
    SSL_CTX_set_select_certificate_cb(c, select_certificate);
    SSL_CTX_set_alpn_select_cb(c, select_alpn, nullptr);
    SSL_CTX_set_ticket_aead_method(c, &kTicketMethod);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);  // tickets only
    SSL_CTX_set_early_data_enabled(c, 0);                   // a replayed MAIL is a second message
    const auto lifetime = static_cast<std::uint32_t>(impl.root.session_timeout.count());
    SSL_CTX_set_timeout(c, lifetime);
    SSL_CTX_set_session_psk_dhe_timeout(c, lifetime);
    // The widest range; the callback narrows it to what domain and listener allow.
    const bool ready =
        SSL_CTX_set_min_proto_version(c, VersionSet::kOldest) == 1 &&
        SSL_CTX_set_max_proto_version(c, VersionSet::kNewest) == 1 &&
        SSL_CTX_set_verify_algorithm_prefs(c, kVerifiedSignatures.data(), kVerifiedSignatures.size()) == 1 &&
        SSL_CTX_set_strict_cipher_list(c, impl.ciphers->strict.c_str()) == 1;
    if (!ready) context.reset();
    return context;
}

}  // namespace sluice::tls
