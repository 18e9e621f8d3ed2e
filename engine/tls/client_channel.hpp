// The client side of one TLS session. Private to engine/tls: client_connection.cpp drives it.
#pragma once

#include <openssl/base.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "engine/tls/channel.hpp"
#include "engine/tls/client_connection.hpp"

namespace sluice::tls {

class ClientChannel : public Channel {
  public:
    // The descriptor is not owned and must stay open as long as the channel.
    ClientChannel(int descriptor, ClientHandshake handshake);

    // Of an established channel.
    [[nodiscard]] Facts facts(bool implicit, std::chrono::milliseconds took) const;
    [[nodiscard]] HandshakeFailure failure(HandshakeError kind, const error_code& why) const;

    // For the callbacks of the context.
    [[nodiscard]] static int keep_session(SSL* ssl, SSL_SESSION* session);

  private:
    [[nodiscard]] static enum ssl_verify_result_t judge_server(SSL* ssl, std::uint8_t* alert);
    void resume();

    ClientHandshake handshake_;
    std::shared_ptr<const PeerFacts> peer_;  // once the server has shown its certificates
};

}  // namespace sluice::tls
