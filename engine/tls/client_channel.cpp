#include "engine/tls/client_channel.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>

#include "engine/tls/client_context_impl.hpp"

namespace sluice::tls {

ClientChannel::ClientChannel(int descriptor, const std::shared_ptr<const ClientContext>& context,
                             std::string server_name)
    : Channel(context->get(), descriptor, context), server_name_(std::move(server_name)) {
    if (ssl() == nullptr) return;
    SSL_set_connect_state(ssl());
    // A name that the library refuses (too long) is not sent; the server then shows what it has.
    if (!server_name_.empty() && SSL_set_tlsext_host_name(ssl(), server_name_.c_str()) != 1) server_name_.clear();
    ERR_clear_error();
}

Facts ClientChannel::facts(bool implicit, std::chrono::milliseconds took) const {
    Facts facts = session_facts(implicit, took);
    if (!server_name_.empty()) facts.sni = server_name_;
    return facts;
}

HandshakeFailure ClientChannel::failure(HandshakeError kind, const error_code& why) const {
    HandshakeFailure failure{kind, failure_text(kind, why), std::nullopt, handshake_alert()};
    if (!server_name_.empty()) failure.sni = server_name_;
    return failure;
}

}  // namespace sluice::tls
