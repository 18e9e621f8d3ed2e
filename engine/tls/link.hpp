// What a session (engine/smtp) needs of the connection to its client, whatever carries it: a socket (connection.hpp),
// or the memory in which engine/rehearsal plays a client. One read and one write may be outstanding at a time; after a
// failed handshake only close() is allowed; everything is called on executor().
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/asio.hpp"
#include "engine/tls/verify.hpp"

namespace sluice::tls {

class ServerSnapshot;   // server_snapshot.hpp: immutable table of names -> certificates
struct ListenerPolicy;  // server_snapshot.hpp: what the listener adds (server preference, ALPN list, listener id ...)

// How an operation on a connection ended.
enum class IoStatus {
    ok,
    closed,     // orderly end (FIN or close_notify), or reset
    timeout,    // the deadline passed
    error,      // anything else; Connection::last_error() says what
    cancelled,  // cancel() was called
};

// What is known of the certificates that the other side has shown (tls.md 2.8, `client.*`; 4.7, `outbound_tls_…`).
struct PeerFacts {
    std::optional<CertificateInfo> leaf;  // nullopt: none was shown, or it cannot be parsed
    Judgement judgement;
};

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
    // The other side's certificates; null: it was not asked for any. Shared because most sessions have none.
    std::shared_ptr<const PeerFacts> peer;
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
    std::string reason;                     // library text, e.g. "UNSUPPORTED_PROTOCOL"; for the log
    std::optional<std::string> sni;         // if the ClientHello was read
    std::optional<int> alert;               // number of the alert sent or received, if any
    std::shared_ptr<const PeerFacts> peer;  // what the other side has shown, if that was refused
};

struct HandshakeResult {
    std::optional<Facts> facts;               // set on success
    std::optional<HandshakeFailure> failure;  // set otherwise
};

struct IoResult {
    IoStatus status = IoStatus::ok;
    std::size_t bytes = 0;
};

class Link {
  public:
    using Clock = std::chrono::steady_clock;

    Link() = default;
    virtual ~Link() = default;
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    // Reads at least one byte into `into` (which must not be empty). A deadline of Clock::time_point::max() never
    // passes.
    [[nodiscard]] virtual asio::awaitable<IoResult> read_some(std::span<char> into, Clock::time_point deadline) = 0;
    // Writes all of `bytes` (one send or one TLS record flight where the socket takes it).
    [[nodiscard]] virtual asio::awaitable<IoResult> write_all(std::string_view bytes, Clock::time_point deadline) = 0;

    // Whether handshake() has a certificate to show. `snapshot` is null if no TLS is configured.
    [[nodiscard]] virtual bool can_handshake(const ServerSnapshot* snapshot) const noexcept = 0;
    // Server handshake. The snapshot is kept alive as long as the connection. Call once. `policy` is
    // copied when the coroutine starts: it must live until then.
    [[nodiscard]] virtual asio::awaitable<HandshakeResult> handshake(std::shared_ptr<const ServerSnapshot> snapshot,
                                                                     const ListenerPolicy& policy,
                                                                     std::chrono::milliseconds timeout,
                                                                     bool implicit) = 0;

    [[nodiscard]] virtual bool secured() const noexcept = 0;
    // Bytes the peer has already sent (kernel buffer, or decrypted and waiting). For early-talker and pipelining
    // checks.
    [[nodiscard]] virtual bool readable_now() = 0;
    // close_notify if secured, then shuts the connection down. Never blocks.
    virtual void close() noexcept = 0;
    // Ends outstanding operations with IoStatus::cancelled (graceful stop). Later reads and handshakes end so too;
    // later writes work, so that a last 421 can be said.
    virtual void cancel() noexcept = 0;

    [[nodiscard]] virtual asio::any_io_executor executor() = 0;
    [[nodiscard]] virtual asio::ip::tcp::endpoint peer() const noexcept = 0;
    [[nodiscard]] virtual asio::ip::tcp::endpoint local() const noexcept = 0;
};

}  // namespace sluice::tls
