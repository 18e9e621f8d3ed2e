// Waiting until a socket can be read or written, with a deadline and a cancel. One object serves one direction of one
// connection; engine/tls/socket_stream.cpp is its user.
// Guarantees: until() ends at the first of readiness, deadline, cancel() and cancellation of the awaiting coroutine.
#pragma once

#include <chrono>
#include <memory>

#include "engine/tls/link.hpp"

namespace sluice::tls {

class Readiness {
  public:
    using Clock = std::chrono::steady_clock;
    using Socket = asio::generic::stream_protocol::socket;
    using Wait = Socket::wait_type;

    explicit Readiness(const asio::any_io_executor& executor);
    Readiness(const Readiness&) = delete;
    Readiness& operator=(const Readiness&) = delete;

    // ok: ready (or the socket has an error, which the next system call tells). Clock::time_point::max(): no deadline.
    [[nodiscard]] asio::awaitable<IoStatus> until(Socket& socket, Wait what, Clock::time_point deadline);
    // Ends an outstanding until() with IoStatus::cancelled.
    void cancel() noexcept;

  private:
    struct State;
    std::shared_ptr<State> state_;  // shared with the timer's handler, which may run after this object is gone
};

}  // namespace sluice::tls
