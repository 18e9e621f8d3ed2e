// Everything a session needs to know from the configuration. engine/config fills it from scripts; tests fill it by
// hand. Immutable once it is in a snapshot; a session keeps the one it began with.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/limits.hpp"
#include "engine/sasl/mechanism.hpp"
#include "engine/smtp/replies.hpp"
#include "engine/tls/server_snapshot.hpp"

namespace sluice::smtp {

using Milliseconds = std::chrono::milliseconds;

// tls.md 2.1
enum class ListenerKind : std::uint8_t {
    relay,        // 25: STARTTLS
    submission,   // 587: STARTTLS
    submissions,  // 465: TLS from the first byte (RFC 8314)
};

enum class TlsSecurity : std::uint8_t { none, opportunistic, required };
enum class InjectionPolicy : std::uint8_t { reject, ignore };  // tls.md 2.3
enum class BareNewline : std::uint8_t { reject, normalize };   // decisions.md, "end of data"
// Bytes before the greeting (in clear: who speaks TLS has spoken first anyway), and bytes behind DATA before the 354.
// Both are noted under either policy.
enum class EarlyTalker : std::uint8_t { reject, accept };
enum class LongLines : std::uint8_t { accept, reject };        // up to 64 KiB, or RFC 5321's 998
enum class OnRuleError : std::uint8_t { tempfail, deny };      // 451 and go on, or 554 and close as vSMTP
enum class ReceivedTls : std::uint8_t { none, cipher, full };  // tls.md 2.11

// Keys of tls.md 1.1 that the dialogue itself obeys; scopes S and L.
struct TlsSettings {
    TlsSecurity security = TlsSecurity::opportunistic;  // `required` on submissions listeners whatever is set
    Milliseconds handshake_timeout = limits::handshake_timeout;
    InjectionPolicy starttls_injection_policy = InjectionPolicy::reject;
    bool verified_peer_can_relay = false;
    bool verified_peer_is_authorized = false;  // a verified peer counts as logged in; scope L only
    tls::ListenerPolicy policy;                // for the handshake; an empty listener_id is filled in by the session
};

// config.server.smtp.timeout_client.*: time for one complete command, counted from the last reply.
struct Timeouts {
    Milliseconds connect = limits::command_timeout;    // waiting for HELO/EHLO
    Milliseconds helo = limits::command_timeout;       // waiting for MAIL
    Milliseconds mail_from = limits::command_timeout;  // waiting for the first RCPT
    Milliseconds rcpt_to = limits::command_timeout;    // waiting for the next RCPT or DATA
    Milliseconds data = limits::data_timeout;          // between two pieces of data
    Milliseconds session = limits::session_time;       // checked at each command; and for one DATA transfer as a whole
    Milliseconds write = limits::write_timeout;
};

// config.server.smtp.error.*: every reply with a code >= 400 counts, for the whole connection. Negative = off.
struct ErrorLimits {
    int soft_count = limits::soft_errors;  // from this one on each error reply waits `delay`
    int hard_count = limits::hard_errors;  // at this one: TooManyError, close
    Milliseconds delay = limits::error_delay;
};

// config.server.smtp.auth (configuration.md 3.3 and 8).
struct AuthSettings {
    bool enable_dangerous_mechanism_in_clair = false;
    std::vector<sasl::Mechanism> mechanisms;  // those an administrator allows
    int attempt_count_max = -1;               // failures and cancelled exchanges in one session; negative: no limit
};

// config.tls_policy[…].receive: what mail that names a sender of a domain must come over (tls.md 4.6).
struct ReceivePolicy {
    enum class Level : std::uint8_t { off, required, verified } level = Level::off;
    std::string note;  // the administrator's, for logs
};

struct Settings {
    std::string server_name = "localhost";
    int client_count_max = limits::client_count;  // over all listeners; negative = no limit
    std::uint64_t message_size_limit = limits::message_size;
    std::size_t rcpt_count_max = limits::recipients;
    ErrorLimits error;
    Timeouts timeout;
    BareNewline bare_newline = BareNewline::reject;
    EarlyTalker early_talker = EarlyTalker::reject;
    LongLines long_lines = LongLines::accept;
    OnRuleError on_rule_error = OnRuleError::tempfail;
    bool requiretls = true;                       // REQUIRETLS is offered under TLS (RFC 8689)
    std::set<std::string, std::less<>> bindings;  // that transport::binding may name (tls.md 4.3)
    bool close_on_deny = false;                   // vSMTP's way: a deny at mail or rcpt ends the connection
    std::optional<AuthSettings> auth;             // nullopt: AUTH is answered 502
    ReplyTable replies;
    ReceivedTls received_tls = ReceivedTls::cipher;
    TlsSettings tls;
    std::map<std::string, TlsSettings, std::less<>> listener_tls;  // by listener id "ADDR:PORT"; complete values

    std::map<std::string, ReceivePolicy, std::less<>> receive_policies;  // by pattern (tls_policy/domain_patterns.hpp)

    [[nodiscard]] const TlsSettings& tls_for(std::string_view listener_id) const {
        const auto found = listener_tls.find(listener_id);
        return found == listener_tls.end() ? tls : found->second;
    }
};

}  // namespace sluice::smtp
