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
#include "engine/tls/readiness.hpp"
#include "engine/tls/step.hpp"

namespace sluice::tls {

class ServerChannel;  // channel.hpp: BoringSSL on the descriptor

class Connection final : public Link {
  public:
    // Takes over a connected socket; makes it non-blocking and sets TCP_NODELAY. No operation may be outstanding when
    // the connection is destroyed; the destructor closes like close().
    explicit Connection(asio::ip::tcp::socket socket);
    ~Connection() override;

    [[nodiscard]] asio::awaitable<IoResult> read_some(std::span<char> into, Clock::time_point deadline) override;
    [[nodiscard]] asio::awaitable<IoResult> write_all(std::string_view bytes, Clock::time_point deadline) override;
    [[nodiscard]] bool can_handshake(const ServerSnapshot* snapshot) const noexcept override;
    [[nodiscard]] asio::awaitable<HandshakeResult> handshake(std::shared_ptr<const ServerSnapshot> snapshot,
                                                             const ListenerPolicy& policy,
                                                             std::chrono::milliseconds timeout, bool implicit) override;
    [[nodiscard]] bool secured() const noexcept override;
    [[nodiscard]] bool readable_now() override;
    void close() noexcept override;
    void cancel() noexcept override;

    [[nodiscard]] asio::any_io_executor executor() override { return socket_.get_executor(); }
    [[nodiscard]] asio::ip::tcp::endpoint peer() const noexcept override { return peer_; }
    [[nodiscard]] asio::ip::tcp::endpoint local() const noexcept override { return local_; }
    [[nodiscard]] error_code last_error() const noexcept { return last_error_; }

  private:
    [[nodiscard]] Step read_step(std::span<char> into);
    [[nodiscard]] Step write_step(std::string_view bytes);
    [[nodiscard]] asio::awaitable<IoStatus> settle(Step step, Readiness& wait, Clock::time_point deadline);
    void drain() noexcept;

    asio::ip::tcp::socket socket_;
    Readiness read_wait_;
    Readiness write_wait_;
    asio::ip::tcp::endpoint peer_;
    asio::ip::tcp::endpoint local_;
    std::unique_ptr<ServerChannel> channel_;  // from the start of the handshake on, even if it fails
    error_code last_error_;
    int reads_without_wait_ = 0;
    bool cancelled_ = false;
};

}  // namespace sluice::tls
