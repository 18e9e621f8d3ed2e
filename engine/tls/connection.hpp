// One accepted TCP connection, in clear or under TLS, on one non-blocking socket (design decision 6).
// The session (engine/smtp) reads and writes through it; BoringSSL works on the descriptor itself and Asio only waits
// for readiness, so there is no intermediate buffer in which clear text could survive a handshake.
// Guarantees: not copyable; one read and one write may be outstanding at a time; every operation ends at its deadline;
// after a failed handshake only close() is allowed (never clear text again on the same connection, tls.md 2.2): reads
// and writes then end with IoStatus::error. Threads: everything, cancel() and close() included, is called on the
// executor of the socket.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/asio.hpp"
#include "engine/tls/readiness.hpp"
#include "engine/tls/step.hpp"

namespace sluice::tls {

class ServerChannel;    // channel.hpp: BoringSSL on the descriptor
class ServerSnapshot;   // server_snapshot.hpp: immutable table of names -> certificates
struct ListenerPolicy;  // server_snapshot.hpp: what the listener adds (server preference, ALPN list, listener id ...)

// What the session, the log and the rules may know of a protected connection (tls.md 2.8, first part of the table).
struct Facts {
    bool implicit = false;   // TLS from the first byte (port-465 style)
    std::string version;     // "TLSv1.2", "TLSv1.3"
    std::string cipher;      // OpenSSL name, "ECDHE-RSA-AES128-GCM-SHA256"
    std::string cipher_std;  // IANA name, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    int cipher_algbits = 0;
    int cipher_usebits = 0;
    std::string group;               // "X25519"; empty for RSA key exchange
    std::optional<std::string> sni;  // as sent, lower-cased
    std::string domain;              // configured domain that matched, or "default"
    std::optional<std::string> alpn;
    bool resumed = false;
    int handshake_ms = 0;
    // RFC 9266: 32 bytes that both ends of this session know and nobody else (for SCRAM-…-PLUS). Not there if the
    // session cannot promise that: TLS 1.2 without extended master secret.
    std::optional<std::string> exporter;
};

enum class HandshakeError {
    timeout,         // handshake_timeout passed
    peer_closed,     // end of file or reset before the end
    no_certificate,  // SNI unknown or missing: alert 112, 109 or 40 was sent
    protocol,        // anything else BoringSSL refused
    cancelled,       // cancel() was called
};

struct HandshakeFailure {
    HandshakeError kind;
    std::string reason;              // library text, e.g. "UNSUPPORTED_PROTOCOL"; for the log
    std::optional<std::string> sni;  // if the ClientHello was read
    std::optional<int> alert;        // number of the alert sent or received, if any
};

struct HandshakeResult {
    std::optional<Facts> facts;               // set on success
    std::optional<HandshakeFailure> failure;  // set otherwise
};

struct IoResult {
    IoStatus status = IoStatus::ok;
    std::size_t bytes = 0;
};

class Connection {
  public:
    using Clock = std::chrono::steady_clock;

    // Takes over a connected socket; makes it non-blocking and sets TCP_NODELAY. No operation may be outstanding when
    // the connection is destroyed; the destructor closes like close().
    explicit Connection(asio::ip::tcp::socket socket);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Reads at least one byte into `into` (which must not be empty). A deadline of Clock::time_point::max() never
    // passes.
    [[nodiscard]] asio::awaitable<IoResult> read_some(std::span<char> into, Clock::time_point deadline);
    // Writes all of `bytes` (one send or one TLS record flight where the socket takes it).
    [[nodiscard]] asio::awaitable<IoResult> write_all(std::string_view bytes, Clock::time_point deadline);

    // Server handshake. The snapshot is kept alive as long as the connection. Call once. `policy` is
    // copied when the coroutine starts: it must live until then.
    [[nodiscard]] asio::awaitable<HandshakeResult> handshake(std::shared_ptr<const ServerSnapshot> snapshot,
                                                             const ListenerPolicy& policy,
                                                             std::chrono::milliseconds timeout, bool implicit);

    [[nodiscard]] bool secured() const noexcept;
    // Bytes the peer has already sent (kernel buffer, or decrypted and waiting). For early-talker and pipelining
    // checks.
    [[nodiscard]] bool readable_now();
    // close_notify if secured, then shuts the socket down and closes it. Never blocks.
    void close() noexcept;
    // Ends outstanding operations with IoStatus::cancelled (graceful stop). Later reads and handshakes end so too;
    // later writes work, so that a last 421 can be said.
    void cancel() noexcept;

    [[nodiscard]] asio::any_io_executor executor() { return socket_.get_executor(); }
    [[nodiscard]] asio::ip::tcp::endpoint peer() const noexcept { return peer_; }
    [[nodiscard]] asio::ip::tcp::endpoint local() const noexcept { return local_; }
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
