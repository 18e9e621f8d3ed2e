// SMTP command lines, the plain side of rules.hpp: the session parses a line (without CRLF) into a verb and an
// argument, then the argument with the function of its verb. Everything is bounded by the length of the line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "grammar/mail/mailbox.hpp"

namespace sluice::grammar::smtp {

enum class Verb : std::uint8_t {
    unknown,
#define VERB(identifier, keyword) identifier,
#include "grammar/smtp/verbs.def"
#undef VERB
};

[[nodiscard]] std::string_view keyword(Verb verb) noexcept;  // "" for unknown

struct CommandLine {
    Verb verb = Verb::unknown;
    std::string_view word;      // as written
    std::string_view argument;  // blanks at both ends removed
};

[[nodiscard]] CommandLine parse_command(std::string_view line);

enum class ArgumentError : std::uint8_t {
    none,
    path,               // no FROM:/TO:, or not a path
    path_too_long,      // grammar/mail/limits.hpp
    parameter_syntax,   // what follows the path is not a list of parameters
    parameter_unknown,  // 555
    parameter_value,    // a parameter we know with a value it cannot have, or given twice
    ret,                // the same of those of RFC 3461, because clients get them wrong; 501 all the same
    envid,
    notify,
    orcpt,
};

struct Path {
    bool null = false;        // <>
    bool postmaster = false;  // <Postmaster>, without a domain
    mail::Mailbox mailbox;    // local part "postmaster" and no domain if `postmaster`
};

enum class Body : std::uint8_t { unspecified, seven_bit, eight_bit_mime };

struct MailArguments {
    ArgumentError error = ArgumentError::none;
    Path path;
    std::optional<std::uint64_t> size;  // numbers beyond 64 bits saturate
    Body body = Body::unspecified;
    bool smtputf8 = false;
    bool requiretls = false;  // RFC 8689 2
    std::string ret;          // "FULL", "HDRS"; empty: not given
    std::string envelope_id;  // ENVID as given: xtext of printable characters, up to max_envelope_id (limits.hpp)
};

// NOTIFY of RFC 3461 4.1, as bits.
enum Notify : std::uint8_t { notify_never = 1, notify_success = 2, notify_failure = 4, notify_delay = 8 };

struct RcptArguments {
    ArgumentError error = ArgumentError::none;
    Path path;
    std::uint8_t notify = 0;         // bits of Notify; 0: not given
    std::string original_recipient;  // ORCPT as given, up to max_original_recipient; of type utf-8 it may be UTF-8
};

struct Chunk {
    std::uint64_t size = 0;  // octets that follow the line
    bool last = false;
};

struct HeloArgument {
    std::string text;   // as written, without a trailing dot; literals with brackets
    std::string value;  // literals without brackets and "IPv6:"
    bool literal = false;
};

// "FROM:<a@b> SIZE=10"
[[nodiscard]] MailArguments parse_mail_args(std::string_view argument);
// "TO:<a@b>"
[[nodiscard]] RcptArguments parse_rcpt_args(std::string_view argument);
// "86 LAST"; nullopt also for a size beyond 64 bits.
[[nodiscard]] std::optional<Chunk> parse_bdat_args(std::string_view argument);
// A domain in ASCII (RFC 6531 3.7.1 wants A-labels) or an address literal; nullopt otherwise.
[[nodiscard]] std::optional<HeloArgument> parse_helo_domain(std::string_view argument);

[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

}  // namespace sluice::grammar::smtp
