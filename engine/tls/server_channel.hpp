// The server side of one TLS session: what the select-certificate callback decides, and what is known afterwards.
// Private to engine/tls: connection.cpp drives it, server_context.cpp calls it back.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/tls/channel.hpp"
#include "engine/tls/client_hello.hpp"
#include "engine/tls/connection.hpp"
#include "engine/tls/server_snapshot.hpp"
#include "engine/tls/server_snapshot_impl.hpp"

namespace sluice::tls {

class ServerChannel : public Channel {
  public:
    // The descriptor is not owned and must stay open as long as the channel.
    ServerChannel(int descriptor, const std::shared_ptr<const ServerSnapshot>& snapshot, ListenerPolicy policy);

    // Of an established channel.
    [[nodiscard]] Facts facts(bool implicit, std::chrono::milliseconds took) const;
    [[nodiscard]] HandshakeFailure failure(HandshakeError kind, const error_code& why) const;
    // The step's error as the session sees it.
    [[nodiscard]] HandshakeError kind_of(const Step& step) const;

    // For the callbacks of the context.
    [[nodiscard]] static ServerChannel& of(const SSL* ssl);
    // Chooses certificate and policy; false after sending the alert.
    [[nodiscard]] bool select(const SSL_CLIENT_HELLO& hello);
    // Protocols to choose from, in our order; empty: ALPN is ignored.
    [[nodiscard]] const std::vector<std::string>& alpn() const;
    [[nodiscard]] TicketKeys& tickets() const { return *snapshot_.impl().tickets; }

  private:
    [[nodiscard]] const ServedDomain* resolve();
    [[nodiscard]] bool apply(const ServedDomain& domain, const ClientHello& hello);
    [[nodiscard]] bool ask_for_certificate(const ServedDomain& domain);
    [[nodiscard]] bool set_session_id_context(const ServedDomain& domain, const Credential& credential);
    [[nodiscard]] std::shared_ptr<const PeerFacts> peer_facts() const;

    const ServerSnapshot& snapshot_;  // owned by the base
    ListenerPolicy policy_;
    std::optional<std::string> sni_;
    std::string domain_;
    PeerPolicy peer_policy_;
    bool no_certificate_ = false;
};

}  // namespace sluice::tls
