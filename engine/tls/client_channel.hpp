// The client side of one TLS session. Private to engine/tls: client_connection.cpp drives it.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "engine/tls/channel.hpp"
#include "engine/tls/client_context.hpp"

namespace sluice::tls {

class ClientChannel : public Channel {
  public:
    // The descriptor is not owned and must stay open as long as the channel. `server_name` is sent as SNI; empty: none.
    ClientChannel(int descriptor, const std::shared_ptr<const ClientContext>& context, std::string server_name);

    // Of an established channel.
    [[nodiscard]] Facts facts(bool implicit, std::chrono::milliseconds took) const;
    [[nodiscard]] HandshakeFailure failure(HandshakeError kind, const error_code& why) const;

  private:
    std::string server_name_;
};

}  // namespace sluice::tls
