// One connection that we open: TCP or a local socket, in clear or under TLS. The counterpart of connection.hpp, with
// the same stepping underneath (socket_stream.hpp) and the same guarantees; engine/smtp_client is its user.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/tls/client_context.hpp"
#include "engine/tls/client_sessions.hpp"
#include "engine/tls/link.hpp"
#include "engine/tls/socket_stream.hpp"

namespace sluice::tls {

// An IP address and port, or the path of a local socket (asio::local::stream_protocol::endpoint).
using Endpoint = asio::generic::stream_protocol::endpoint;

struct ClientHandshake {
    std::shared_ptr<const ClientContext> context;  // never null
    std::string server_name;                       // sent as SNI; empty: none
    // A server whose certificates are not acceptable is told so by an alert, and the handshake fails.
    Requirement requirement;
    // Where sessions are kept for resumption, and under which key: server, SNI and policy. Null: nowhere.
    std::shared_ptr<ClientSessions> sessions;
    std::string session_key;
    bool implicit = false;  // TLS from the first byte; for the facts
};

class ClientConnection {
  public:
    using Clock = SocketStream::Clock;

    // Nothing is opened yet.
    explicit ClientConnection(asio::any_io_executor executor) : executor_(std::move(executor)) {}

    // Call once. `source`: the local address to connect from. error: last_error() says what failed.
    [[nodiscard]] asio::awaitable<IoStatus> connect(Endpoint endpoint, std::optional<asio::ip::address> source,
                                                    Clock::time_point deadline);

    // The rest needs a connect() that succeeded.
    // As Link::read_some.
    [[nodiscard]] asio::awaitable<IoResult> read_some(std::span<char> into, Clock::time_point deadline) {
        return stream_->read_some(into, deadline);
    }
    // As SocketStream::write_pieces.
    [[nodiscard]] asio::awaitable<IoResult> write_pieces(std::span<const std::string_view> pieces,
                                                         Clock::time_point deadline) {
        return stream_->write_pieces(pieces, deadline);
    }

    // Call once. After a failure only close() is allowed. Bytes the peer sent in clear and that were not read yet are
    // taken for TLS, so they end it.
    [[nodiscard]] asio::awaitable<HandshakeResult> handshake(ClientHandshake wanted, std::chrono::milliseconds timeout);

    [[nodiscard]] bool secured() const noexcept { return stream_ && stream_->secured(); }
    // Open, and the peer has neither said anything unread nor gone.
    [[nodiscard]] bool quiet_now() { return stream_ && stream_->quiet_now(); }
    // close_notify if secured, then shuts the connection down. Never blocks.
    void close() noexcept;
    // Ends outstanding and later operations with IoStatus::cancelled. On the executor.
    void cancel() noexcept;

    [[nodiscard]] error_code last_error() const noexcept;
    // Of ours, while connected over TCP; else unspecified.
    [[nodiscard]] asio::ip::address local_address() const;

  private:
    [[nodiscard]] error_code open(const Endpoint& endpoint, const std::optional<asio::ip::address>& source);

    asio::any_io_executor executor_;
    std::unique_ptr<SocketStream> stream_;
    error_code open_error_;
    bool cancelled_ = false;
};

}  // namespace sluice::tls
