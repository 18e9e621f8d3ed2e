// One non-blocking stream socket, in clear until it is given a Channel, under TLS from then on: what the two roles
// (connection.hpp, client_connection.hpp) have in common. BoringSSL works on the descriptor itself and Asio only waits
// for readiness (design decision 6), so there is no intermediate buffer in which clear text could survive a handshake.
// Guarantees: one read and one write may be outstanding at a time; every operation ends at its deadline, at cancel()
// and at the cancellation of the awaiting coroutine, as a status and never as an exception, unless the coroutine itself
// asks for exceptions; once a handshake has begun, nothing is read or written in clear any more, even if it fails.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "engine/tls/link.hpp"
#include "engine/tls/readiness.hpp"
#include "engine/tls/step.hpp"

namespace sluice::tls {

class Channel;  // channel.hpp: BoringSSL on the descriptor

class SocketStream {
  public:
    using Socket = Readiness::Socket;
    using Clock = Readiness::Clock;

    // Takes over an open socket; makes it non-blocking and sets TCP_NODELAY. No operation may be outstanding when the
    // stream is destroyed; the destructor closes like close().
    explicit SocketStream(Socket socket);
    ~SocketStream();
    SocketStream(const SocketStream&) = delete;
    SocketStream& operator=(const SocketStream&) = delete;

    // Connects a socket that is not connected yet. error: last_error() says what.
    [[nodiscard]] asio::awaitable<IoStatus> connect(asio::generic::stream_protocol::endpoint endpoint,
                                                    Clock::time_point deadline);
    [[nodiscard]] asio::awaitable<IoResult> read_some(std::span<char> into, Clock::time_point deadline);
    [[nodiscard]] asio::awaitable<IoResult> write_all(std::string_view bytes, Clock::time_point deadline);
    // The pieces one after the other, gathered: in clear they are not copied, under TLS those shorter than a record are
    // copied once, so that small pieces share records. `pieces` must live until the end.
    [[nodiscard]] asio::awaitable<IoResult> write_pieces(std::span<const std::string_view> pieces,
                                                         Clock::time_point deadline);

    // Everything from here on goes through `channel`. Call once, then handshake().
    void secure(std::unique_ptr<Channel> channel) noexcept;
    struct HandshakeEnd {
        IoStatus status = IoStatus::ok;  // ok: established
        Step last;                       // what the channel said last
    };
    [[nodiscard]] asio::awaitable<HandshakeEnd> handshake(Clock::time_point deadline);

    [[nodiscard]] bool secured() const noexcept;
    // Bytes wait to be read.
    [[nodiscard]] bool readable_now();
    // Open, and the next read would have to wait: the peer has said nothing and has not gone.
    [[nodiscard]] bool quiet_now();
    // close_notify if secured, then shuts the connection down. Never blocks.
    void close() noexcept;
    // Ends outstanding operations, and later reads and handshakes, with IoStatus::cancelled.
    void cancel() noexcept;

    [[nodiscard]] bool cancelled() const noexcept { return cancelled_; }
    [[nodiscard]] Socket& socket() noexcept { return socket_; }
    [[nodiscard]] error_code last_error() const noexcept { return last_error_; }

  private:
    [[nodiscard]] Step read_step(std::span<char> into);
    [[nodiscard]] Step write_step(std::string_view bytes);
    [[nodiscard]] asio::awaitable<IoResult> write_gathered(std::span<const std::string_view> pieces,
                                                           Clock::time_point deadline);
    [[nodiscard]] asio::awaitable<IoResult> write_records(std::span<const std::string_view> pieces,
                                                          Clock::time_point deadline);
    [[nodiscard]] asio::awaitable<IoStatus> settle(Step step, Readiness& wait, Clock::time_point deadline);
    void drain() noexcept;

    Socket socket_;
    Readiness read_wait_;
    Readiness write_wait_;
    std::unique_ptr<Channel> channel_;  // from the start of the handshake on, even if it fails
    error_code last_error_;
    int reads_without_wait_ = 0;
    bool cancelled_ = false;
};

}  // namespace sluice::tls
