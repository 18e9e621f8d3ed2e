// How one attempt ended for one recipient. There is one for each recipient of each mail, always.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::smtp_client {

enum class Command : std::uint8_t {
#define CLIENT_COMMAND(name, text, timeout) name,
#include "engine/smtp_client/commands.def"
#undef CLIENT_COMMAND
};

[[nodiscard]] std::string_view to_string(Command command) noexcept;

enum class Kind : std::uint8_t { delivered, temporary, permanent };

// Why the result is what it is.
enum class Cause : std::uint8_t {
    reply,            // the server said so
    connection_lost,  // refused, unreachable, closed, reset
    timeout,          // no answer in time
    garbage,          // an answer that is no reply, or no reply to that
    cancelled,        // by us
    tls,              // the policy wants TLS and there is none, or the negotiation failed
    certificate,      // the server's certificates are not what the policy wants
    credentials,      // we were to authenticate and cannot: no mechanism in common, or no TLS
    configuration,    // our own settings: a source address that is not ours, a name that cannot be said
    bad_address,      // a path or parameter that cannot be written as a command
    lone_newline,     // the content has a CR or LF of its own
    needs_8bitmime,   // not offered: might be converted to 7 bit
    needs_smtputf8,   // not offered
    too_big,          // for the SIZE that the server announced
};

struct RecipientResult {
    Kind kind = Kind::temporary;
    Cause cause = Cause::connection_lost;
    Command command = Command::connect;
    // RFC 3463, "4.4.2": the server's if it sent one of the class of its reply, "x.0.0" if it did not, else ours.
    std::string status;
    // The reply as sent, codes included, lines joined by LF; or our own words. Not sanitised: the remote host chose it.
    std::string text;

    [[nodiscard]] bool remote_said() const noexcept { return cause == Cause::reply; }
    // Sent as a whole, and then no valid answer: a second attempt may duplicate it.
    [[nodiscard]] bool maybe_delivered() const noexcept {
        return command == Command::final_dot && kind == Kind::temporary && cause != Cause::reply;
    }
};

}  // namespace sluice::smtp_client
