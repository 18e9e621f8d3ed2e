// How a connection is opened: who we are, what TLS is wanted, how long each answer may take.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/asio.hpp"
#include "engine/base/limits.hpp"
#include "engine/tls/client_connection.hpp"

namespace sluice::smtp_client {

enum class Protocol : std::uint8_t { smtp, lmtp };

enum class TlsMode : std::uint8_t {
    none,           // clear text
    opportunistic,  // STARTTLS if offered
    required,       // STARTTLS, or no mail
    tunnel,         // TLS from the first byte (port 465)
};

// What decides about TLS on one connection (tls.md 4.1, 4.4, 4.5).
struct TlsPolicy {
    TlsMode mode = TlsMode::opportunistic;
    std::shared_ptr<const tls::ClientContext> context;  // of every mode but none
    // What the server's certificates must be. A server that shows others is not given mail in clear either.
    tls::Requirement requirement;
    // SNI; empty: none; not set: Options::host_name, and after an alert that the name is unknown once more without.
    std::optional<std::string> server_name;
    std::shared_ptr<tls::ClientSessions> sessions;  // null: no resumption
    std::string session_key;                        // of the policy; endpoint and SNI are added to it
    bool fallback = true;  // opportunistic: after a failed negotiation once more to the same endpoint, in clear
    bool fallback_new_connection = true;  // false: when STARTTLS was merely refused, go on in clear
};

struct Credentials {
    std::string user;
    std::string password;
    bool allow_in_clear = false;    // AUTH PLAIN and LOGIN without TLS
    bool allow_unverified = false;  // ... to a server whose certificate was not verified
};

// For the whole reply each, beginning when we start to wait for it; `content` for each block of limits::client_block.
struct Timeouts {
    using Time = std::chrono::milliseconds;
    Time connect = limits::client_connect;
    Time greeting = limits::client_command;
    Time ehlo = limits::client_command;
    Time starttls = limits::client_command;
    Time handshake = limits::handshake_timeout;
    Time auth = limits::client_command;
    Time rset = limits::client_command;
    Time mail = limits::client_command;
    Time rcpt = limits::client_command;
    Time data = limits::client_data;
    Time content = limits::client_content;
    Time final_dot = limits::client_final_dot;
    Time quit = limits::client_quit;
    // Of commands, until the socket takes them.
    Time write = limits::write_timeout;
};

// Of a message that asks for it (RFC 8689 3): whether the parameter REQUIRETLS is passed on.
enum class RequireTls : std::uint8_t {
    off,
    if_offered,
    demanded,  // a server that does not offer it gets no mail
};

struct Options {
    Protocol protocol = Protocol::smtp;
    std::string hello_name;  // of EHLO and LHLO: our name, or an address literal
    std::string host_name;   // of the server, for SNI and texts; empty or an IP address: no SNI
    TlsPolicy tls;
    RequireTls requiretls = RequireTls::off;
    std::optional<Credentials> credentials;
    std::optional<asio::ip::address> source;  // connect from this address of ours
    Timeouts timeouts;
};

}  // namespace sluice::smtp_client
