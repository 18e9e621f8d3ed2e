// How a connection is opened: who we are, what TLS is wanted, how long each answer may take.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/asio.hpp"
#include "engine/base/limits.hpp"
#include "engine/tls/client_context.hpp"

namespace sluice::smtp_client {

enum class Protocol : std::uint8_t { smtp, lmtp };

enum class TlsMode : std::uint8_t {
    none,           // clear text
    opportunistic,  // STARTTLS if offered
    required,       // STARTTLS, or no mail
    tunnel,         // TLS from the first byte (port 465)
};

// What decides about TLS on one connection (tls.md 4.1). How certificates are judged is the context's business.
struct TlsPolicy {
    TlsMode mode = TlsMode::opportunistic;
    std::shared_ptr<const tls::ClientContext> context;  // of every mode but none
    bool fallback = true;  // opportunistic: after a failed negotiation once more to the same endpoint, in clear
    bool fallback_new_connection = true;  // false: when STARTTLS was merely refused, go on in clear
};

struct Credentials {
    std::string user;
    std::string password;
    bool allow_in_clear = false;  // AUTH PLAIN and LOGIN without TLS
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

struct Options {
    Protocol protocol = Protocol::smtp;
    std::string hello_name;  // of EHLO and LHLO: our name, or an address literal
    std::string host_name;   // of the server, for SNI and texts; empty or an IP address: no SNI
    TlsPolicy tls;
    std::optional<Credentials> credentials;
    std::optional<asio::ip::address> source;  // connect from this address of ours
    Timeouts timeouts;
};

}  // namespace sluice::smtp_client
