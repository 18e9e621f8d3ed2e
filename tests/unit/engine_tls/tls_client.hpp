// A blocking TLS client on BoringSSL for the tests of engine/tls.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/tls/pem.hpp"

namespace sluice::tls {

struct ClientOptions {
    std::string sni;  // empty: none
    std::uint16_t oldest = TLS1_2_VERSION;
    std::uint16_t newest = TLS1_3_VERSION;
    std::string ciphers;  // TLS 1.2; empty: the library's
    std::vector<std::string> alpn;
    std::vector<std::uint16_t> verify_algorithms;  // empty: the library's
    SSL_SESSION* session = nullptr;
    std::vector<X509*> chain;  // what is shown when asked for, leaf first
    EVP_PKEY* key = nullptr;
};

class TlsClient {
  public:
    TlsClient(int descriptor, const ClientOptions& options) : context_(SSL_CTX_new(TLS_method())) {
        SSL_CTX_set_custom_verify(context_.get(), SSL_VERIFY_PEER, [](SSL*, std::uint8_t*) { return ssl_verify_ok; });
        SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT);
        SSL_CTX_sess_set_new_cb(context_.get(), [](SSL* ssl, SSL_SESSION* session) {
            static_cast<TlsClient*>(SSL_get_app_data(ssl))->session_.reset(session);
            return 1;
        });
        ssl_.reset(SSL_new(context_.get()));
        SSL_set_app_data(ssl_.get(), this);
        SSL_set_info_callback(ssl_.get(), [](const SSL* ssl, int type, int value) {
            if ((type & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT) return;
            auto* self = static_cast<TlsClient*>(SSL_get_app_data(ssl));
            if (!self->alert_) self->alert_ = value & 0xff;
        });
        SSL_set_min_proto_version(ssl_.get(), options.oldest);
        SSL_set_max_proto_version(ssl_.get(), options.newest);
        if (!options.sni.empty()) SSL_set_tlsext_host_name(ssl_.get(), options.sni.c_str());
        if (!options.ciphers.empty()) SSL_set_strict_cipher_list(ssl_.get(), options.ciphers.c_str());
        if (!options.verify_algorithms.empty()) {
            SSL_set_verify_algorithm_prefs(ssl_.get(), options.verify_algorithms.data(),
                                           options.verify_algorithms.size());
        }
        std::string protocols;
        for (const std::string& each : options.alpn) protocols += static_cast<char>(each.size()) + each;
        SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const std::uint8_t*>(protocols.data()), protocols.size());
        if (options.session != nullptr) SSL_set_session(ssl_.get(), options.session);
        if (!options.chain.empty()) SSL_use_certificate(ssl_.get(), options.chain[0]);
        for (std::size_t i = 1; i < options.chain.size(); ++i) SSL_add1_chain_cert(ssl_.get(), options.chain[i]);
        if (options.key != nullptr) SSL_use_PrivateKey(ssl_.get(), options.key);
        SSL_set_cert_cb(
            ssl_.get(),
            [](SSL* ssl, void* names) {
                const STACK_OF(CRYPTO_BUFFER)* sent = SSL_get0_server_requested_CAs(ssl);
                *static_cast<std::size_t*>(names) = sent != nullptr ? sk_CRYPTO_BUFFER_num(sent) : 0;
                return 1;
            },
            &authorities_);
        SSL_set_fd(ssl_.get(), descriptor);
    }

    bool handshake() {
        const bool done = SSL_connect(ssl_.get()) == 1;
        ERR_clear_error();
        return done;
    }
    // One read; tickets of TLS 1.3 arrive with it. Empty at the end or on an error.
    std::string read() {
        char block[4096];
        const int got = SSL_read(ssl_.get(), block, sizeof block);
        clean_end_ = got <= 0 && SSL_get_error(ssl_.get(), got) == SSL_ERROR_ZERO_RETURN;
        ERR_clear_error();
        return got > 0 ? std::string(block, static_cast<std::size_t>(got)) : std::string();
    }
    void write(const std::string& text) { SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())); }
    void shutdown() { SSL_shutdown(ssl_.get()); }

    [[nodiscard]] std::optional<int> alert() const { return alert_; }
    [[nodiscard]] bool got_close_notify() const { return clean_end_; }
    [[nodiscard]] bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
    [[nodiscard]] std::string version() const { return SSL_get_version(ssl_.get()); }
    [[nodiscard]] SSL_SESSION* session() const { return session_.get(); }
    [[nodiscard]] std::string cipher() const { return SSL_CIPHER_get_name(SSL_get_current_cipher(ssl_.get())); }
    [[nodiscard]] CertificateInfo certificate() const {
        const bssl::UniquePtr<X509> leaf(SSL_get_peer_certificate(ssl_.get()));
        return leaf ? describe(leaf.get(), {}) : CertificateInfo();
    }
    // CA names that came with the request for a certificate.
    [[nodiscard]] std::size_t authorities() const { return authorities_; }
    SSL* ssl() { return ssl_.get(); }

  private:
    bssl::UniquePtr<SSL_CTX> context_;
    bssl::UniquePtr<SSL_SESSION> session_;
    bssl::UniquePtr<SSL> ssl_;
    std::optional<int> alert_;
    std::size_t authorities_ = 0;
    bool clean_end_ = false;
};

}  // namespace sluice::tls
