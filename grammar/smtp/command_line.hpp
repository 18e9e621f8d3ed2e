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
};

struct RcptArguments {
    ArgumentError error = ArgumentError::none;
    Path path;
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
// A domain in ASCII (RFC 6531 3.7.1 wants A-labels) or an address literal; nullopt otherwise.
[[nodiscard]] std::optional<HeloArgument> parse_helo_domain(std::string_view argument);

[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

}  // namespace sluice::grammar::smtp
