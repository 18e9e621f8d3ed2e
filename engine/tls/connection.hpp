// One accepted TCP connection, in clear or under TLS, on one non-blocking socket (design decision 6).
// The session (engine/smtp) reads and writes through it; BoringSSL works on the descriptor itself and Asio only waits
// for readiness, so there is no intermediate buffer in which clear text could survive a handshake.
// Guarantees: not copyable; one read and one write may be outstanding at a time; every operation ends at its deadline;
// after a failed handshake only close() is allowed (never clear text again on the same connection, tls.md 2.2): reads
// and writes then end with IoStatus::error. Threads: everything, cancel() and close() included, is called on the
// executor of the socket.
#pragma once

#include <memory>

#include "engine/tls/link.hpp"
#include "engine/tls/socket_stream.hpp"

namespace sluice::tls {

class Connection final : public Link {
  public:
    // Takes over a connected socket; makes it non-blocking and sets TCP_NODELAY. No operation may be outstanding when
    // the connection is destroyed; the destructor closes like close().
    explicit Connection(asio::ip::tcp::socket socket);

    [[nodiscard]] asio::awaitable<IoResult> read_some(std::span<char> into, Clock::time_point deadline) override;
    [[nodiscard]] asio::awaitable<IoResult> write_all(std::string_view bytes, Clock::time_point deadline) override;
    [[nodiscard]] bool can_handshake(const ServerSnapshot* snapshot) const noexcept override;
    [[nodiscard]] asio::awaitable<HandshakeResult> handshake(std::shared_ptr<const ServerSnapshot> snapshot,
                                                             const ListenerPolicy& policy,
                                                             std::chrono::milliseconds timeout, bool implicit) override;
    [[nodiscard]] bool secured() const noexcept override { return stream_.secured(); }
    [[nodiscard]] bool readable_now() override { return stream_.readable_now(); }
    void close() noexcept override { stream_.close(); }
    void cancel() noexcept override { stream_.cancel(); }

    [[nodiscard]] asio::any_io_executor executor() override { return stream_.socket().get_executor(); }
    [[nodiscard]] asio::ip::tcp::endpoint peer() const noexcept override { return peer_; }
    [[nodiscard]] asio::ip::tcp::endpoint local() const noexcept override { return local_; }
    [[nodiscard]] error_code last_error() const noexcept { return stream_.last_error(); }

  private:
    asio::ip::tcp::endpoint peer_;
    asio::ip::tcp::endpoint local_;
    SocketStream stream_;
};

}  // namespace sluice::tls
