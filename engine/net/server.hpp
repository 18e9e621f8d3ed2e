// The listeners and the threads that serve them: one io_context for each thread, each with its own acceptor on every
// address (SO_REUSEPORT), so that nothing is shared between threads but the snapshot and the count of clients.
//
// The application: bind() (as root), drop privileges, start(), wait for a signal, stop(). A reload only makes the
// provider return another snapshot; connections accepted from then on use it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/net/bind.hpp"
#include "engine/smtp/handshake_failures.hpp"
#include "engine/smtp/observer.hpp"
#include "engine/smtp/rules.hpp"
#include "engine/smtp/snapshot.hpp"

namespace sluice::net {

struct Listener {
    asio::ip::tcp::endpoint endpoint;
    smtp::ListenerKind kind = smtp::ListenerKind::relay;
    std::string id;  // "ADDR:PORT" as configured: key of Settings::listener_tls, part of the TLS session context
};

// The current snapshot, never null. Called on every worker thread, once for each connection: must be thread-safe.
using SnapshotProvider = std::function<std::shared_ptr<const smtp::Snapshot>()>;

struct Counts {
    int open = 0;                // connections now
    std::uint64_t accepted = 0;  // ever
    std::uint64_t refused = 0;   // over client_count_max
};

class Worker;

class Server {
  public:
    // `sink` and `observer` outlive the server and are called from all its threads.
    Server(SnapshotProvider snapshots, smtp::MessageSink& sink, smtp::SessionObserver& observer);
    ~Server();  // stop(0) if still running
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Binds every listener for `threads` threads (at least 1). On an error nothing stays open. Call once.
    [[nodiscard]] std::optional<BindError> bind(const std::vector<Listener>& listeners, unsigned threads);
    // Listens and serves. On an error (a port taken between bind and listen) nothing is served.
    [[nodiscard]] std::optional<BindError> start();

    // Stops accepting, lets sessions finish; idle ones get 421 at once. What still runs after `patience` is ended.
    // Blocks; call from a thread that is none of the server's.
    void stop(std::chrono::milliseconds patience);

    // Where it listens, in the order of bind(): tells the port when 0 was asked for.
    [[nodiscard]] const std::vector<asio::ip::tcp::endpoint>& endpoints() const noexcept { return endpoints_; }
    [[nodiscard]] Counts counts() const noexcept;
    // For timers and background work that should share the server's threads. What is still pending there makes stop()
    // use up its patience: end it first.
    [[nodiscard]] asio::io_context& context(unsigned thread);
    [[nodiscard]] unsigned threads() const noexcept { return static_cast<unsigned>(workers_.size()); }

  private:
    friend class Worker;
    struct Shared {
        SnapshotProvider snapshots;
        smtp::MessageSink& sink;
        smtp::SessionObserver& observer;
        std::atomic<int> open{0};
        std::atomic<std::uint64_t> accepted{0};
        std::atomic<std::uint64_t> refused{0};
        smtp::HandshakeFailures handshake_failures;
    };

    Shared shared_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<asio::ip::tcp::endpoint> endpoints_;
    bool running_ = false;
};

}  // namespace sluice::net
