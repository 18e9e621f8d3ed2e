#include "grammar/smtp/command_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <type_traits>
#include <utility>

#include "grammar/mail/limits.hpp"
#include "grammar/smtp/limits.hpp"
#include "grammar/smtp/rules.hpp"
#include "grammar/smtp/xtext.hpp"

namespace sluice::grammar::smtp {
namespace {

constexpr std::array<std::string_view, 20> keywords{
    "",
#define VERB(identifier, keyword) keyword,
#include "grammar/smtp/verbs.def"
#undef VERB
};
static_assert(!keywords.back().empty(), "as many places as verbs.def has rows, and one for `unknown`");

std::string_view trim(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

// What the actions of MAIL and RCPT fill.
struct Envelope {
    std::string_view local_part;
    std::string_view domain;
    bool null = false;
    bool postmaster = false;
    bool path_done = false;
    std::optional<std::uint64_t> size;
    Body body = Body::unspecified;
    bool smtputf8 = false;
    bool requiretls = false;
    bool auth = false;  // MAIL … AUTH=
    std::string ret;
    std::string envelope_id;
    std::uint8_t notify = 0;
    std::uint8_t notify_now = 0;  // of the NOTIFY that is being read
    std::string original_recipient;
    bool of_rcpt = false;
    ArgumentError error = ArgumentError::none;  // first trouble with a parameter

    void complain(ArgumentError what) {
        if (error == ArgumentError::none) error = what;
    }
    void set_body(Body value) {
        if (body != Body::unspecified) complain(ArgumentError::parameter_value);
        body = value;
    }
};

template <typename Rule>
struct Action : pegtl::nothing<Rule> {};

template <>
struct Action<verb> {
    template <typename Input>
    static void apply(const Input& in, CommandLine& line) {
        line.word = in.string_view();
    }
};
template <>
struct Action<argument> {
    template <typename Input>
    static void apply(const Input& in, CommandLine& line) {
        line.argument = trim(in.string_view());
    }
};
template <>
struct Action<path_local_part> {
    template <typename Input>
    static void apply(const Input& in, Envelope& envelope) {
        envelope.local_part = in.string_view();
    }
};
template <>
struct Action<path_domain> {
    template <typename Input>
    static void apply(const Input& in, Envelope& envelope) {
        envelope.domain = in.string_view();
    }
};
template <>
struct Action<null_path> {
    static void apply0(Envelope& envelope) { envelope.null = true; }
};
template <>
struct Action<postmaster_path> {
    static void apply0(Envelope& envelope) { envelope.postmaster = true; }
};
template <>
struct Action<path_done> {
    static void apply0(Envelope& envelope) { envelope.path_done = true; }
};
template <>
struct Action<size_parameter> {
    template <typename Input>
    static void apply(const Input& in, Envelope& envelope) {
        const std::string_view digits = in.string_view().substr(std::string_view("SIZE=").size());
        std::uint64_t size = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
        if (error != std::errc{}) size = std::numeric_limits<std::uint64_t>::max();
        if (envelope.size) envelope.complain(ArgumentError::parameter_value);
        envelope.size = size;
    }
};
template <>
struct Action<body_7bit> {
    static void apply0(Envelope& envelope) { envelope.set_body(Body::seven_bit); }
};
template <>
struct Action<body_8bitmime> {
    static void apply0(Envelope& envelope) { envelope.set_body(Body::eight_bit_mime); }
};
template <>
struct Action<smtputf8_parameter> {
    static void apply0(Envelope& envelope) {
        if (envelope.smtputf8) envelope.complain(ArgumentError::parameter_value);
        envelope.smtputf8 = true;
    }
};
template <>
struct Action<requiretls_parameter> {
    static void apply0(Envelope& envelope) {
        if (envelope.requiretls) envelope.complain(ArgumentError::parameter_value);
        envelope.requiretls = true;
    }
};
void set_ret(Envelope& envelope, std::string_view value) {
    if (!envelope.ret.empty()) envelope.complain(ArgumentError::ret);
    envelope.ret = value;
}
template <>
struct Action<ret_full> {
    static void apply0(Envelope& envelope) { set_ret(envelope, "FULL"); }
};
template <>
struct Action<ret_hdrs> {
    static void apply0(Envelope& envelope) { set_ret(envelope, "HDRS"); }
};

bool is_control(char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 127; }

// RFC 3461 4: what xtext stands for is printable ASCII, blanks included.
bool decodes_to_printable(std::string_view xtext) {
    const std::string text = decode_xtext(xtext);
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return is_control(c) || static_cast<unsigned char>(c) >= 0x80; });
}

// Postfix writes an address of RFC 6531 as rfc822 in xtext.
bool decodes_to_address(std::string_view xtext) {
    const std::string text = decode_xtext(xtext);
    return std::none_of(text.begin(), text.end(), is_control) &&
           pegtl::parse<pegtl::seq<pegtl::star<pegtl::utf8::any>, pegtl::eof>>(
               pegtl::memory_input<>(text.data(), text.data() + text.size(), "ORCPT"));
}

template <>
struct Action<envid_value> {
    template <typename Input>
    static void apply(const Input& in, Envelope& envelope) {
        const std::string_view value = in.string_view();
        if (!envelope.envelope_id.empty() || value.size() > max_envelope_id || !decodes_to_printable(value)) {
            envelope.complain(ArgumentError::envid);
        }
        envelope.envelope_id = value;
    }
};

template <std::uint8_t Bit>
struct AddNotify {
    static void apply0(Envelope& envelope) { envelope.notify_now |= Bit; }
};
template <>
struct Action<notify_keyword_never> : AddNotify<notify_never> {};
template <>
struct Action<notify_keyword_success> : AddNotify<notify_success> {};
template <>
struct Action<notify_keyword_failure> : AddNotify<notify_failure> {};
template <>
struct Action<notify_keyword_delay> : AddNotify<notify_delay> {};
template <>
struct Action<notify_parameter> {
    static void apply0(Envelope& envelope) {
        if (envelope.notify != 0) envelope.complain(ArgumentError::notify);
        envelope.notify = std::exchange(envelope.notify_now, std::uint8_t{0});
    }
};

template <>
struct Action<orcpt_value> {
    template <typename Input>
    static void apply(const Input& in, Envelope& envelope) {
        const std::string_view value = in.string_view();
        const bool utf8 = equals_ignoring_case(value.substr(0, 6), "utf-8;");
        if (!envelope.original_recipient.empty() || value.size() > max_original_recipient ||
            (!utf8 && !decodes_to_address(value))) {
            envelope.complain(ArgumentError::orcpt);
        }
        envelope.original_recipient = value;
    }
};

// Parameters we know: one of these that ends up as other_parameter has a value it cannot have.
struct Known {
    std::string_view keyword;
    bool of_rcpt;
    ArgumentError error;
};
constexpr Known known_parameters[] = {
    {"SIZE", false, ArgumentError::parameter_value},
    {"BODY", false, ArgumentError::parameter_value},
    {"SMTPUTF8", false, ArgumentError::parameter_value},
    {"REQUIRETLS", false, ArgumentError::parameter_value},
    {"RET", false, ArgumentError::ret},
    {"ENVID", false, ArgumentError::envid},
    {"NOTIFY", true, ArgumentError::notify},
    {"ORCPT", true, ArgumentError::orcpt},
};
template <>
struct Action<other_parameter> {
    template <typename Input>
    static void apply(const Input& in, Envelope& envelope) {
        const std::string_view word = in.string_view().substr(0, in.string_view().find('='));
        // RFC 4954 5: to be taken from anybody, and to be believed by nobody who has no reason to: as AUTH=<>.
        if (!envelope.of_rcpt && equals_ignoring_case(word, "AUTH") && word.size() + 1 < in.string_view().size() &&
            !envelope.auth) {
            envelope.auth = true;
            return;
        }
        const auto* const known =
            std::find_if(std::begin(known_parameters), std::end(known_parameters), [&](const Known& row) {
                return row.of_rcpt == envelope.of_rcpt && equals_ignoring_case(word, row.keyword);
            });
        envelope.complain(known == std::end(known_parameters) ? ArgumentError::parameter_unknown : known->error);
    }
};

constexpr std::uint64_t oversize = std::numeric_limits<std::uint64_t>::max();
template <>
struct Action<chunk_size> {
    template <typename Input>
    static void apply(const Input& in, Chunk& chunk) {
        const std::string_view number = in.string_view();
        const auto parsed = std::from_chars(number.data(), number.data() + number.size(), chunk.size);
        if (parsed.ec != std::errc{}) chunk.size = oversize;
    }
};
template <>
struct Action<end_marker> {
    static void apply0(Chunk& chunk) { chunk.last = true; }
};

template <typename Rule>
Envelope parse_envelope(std::string_view argument) {
    Envelope envelope;
    envelope.of_rcpt = std::is_same_v<Rule, rcpt_arguments>;
    pegtl::memory_input in(argument.data(), argument.size(), "");
    const bool matched = pegtl::parse<Rule, Action>(in, envelope);
    if (!matched) {
        envelope.error = envelope.path_done ? ArgumentError::parameter_syntax : ArgumentError::path;
    } else if (mail::check_lengths(envelope.local_part, envelope.domain) != mail::MailboxError::none) {
        envelope.error = ArgumentError::path_too_long;
    }
    return envelope;
}

Path path_of(const Envelope& envelope) {
    Path path{.null = envelope.null, .postmaster = envelope.postmaster, .mailbox = {}};
    if (path.postmaster) {
        path.mailbox.local_part = "postmaster";
    } else if (!path.null) {
        path.mailbox = {mail::unquote_local_part(envelope.local_part), std::string(envelope.domain)};
    }
    return path;
}

}  // namespace

std::string_view keyword(Verb verb) noexcept { return keywords[static_cast<std::size_t>(verb)]; }

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

CommandLine parse_command(std::string_view line) {
    CommandLine parsed;
    pegtl::memory_input in(line.data(), line.size(), "");
    if (!pegtl::parse<command, Action>(in, parsed)) {
        parsed = {Verb::unknown, line.substr(0, line.find(' ')), {}};
        return parsed;
    }
    for (std::size_t i = 1; i < keywords.size(); ++i) {
        if (equals_ignoring_case(parsed.word, keywords[i])) parsed.verb = static_cast<Verb>(i);
    }
    return parsed;
}

MailArguments parse_mail_args(std::string_view argument) {
    Envelope envelope = parse_envelope<mail_arguments>(argument);
    if (envelope.error != ArgumentError::none) return {.error = envelope.error};
    return {.path = path_of(envelope),
            .size = envelope.size,
            .body = envelope.body,
            .smtputf8 = envelope.smtputf8,
            .requiretls = envelope.requiretls,
            .ret = std::move(envelope.ret),
            .envelope_id = std::move(envelope.envelope_id)};
}

RcptArguments parse_rcpt_args(std::string_view argument) {
    Envelope envelope = parse_envelope<rcpt_arguments>(argument);
    if (envelope.error != ArgumentError::none) return {.error = envelope.error};
    return {.path = path_of(envelope),
            .notify = envelope.notify,
            .original_recipient = std::move(envelope.original_recipient)};
}

std::optional<Chunk> parse_bdat_args(std::string_view argument) {
    Chunk chunk;
    pegtl::memory_input in(argument.data(), argument.size(), "");
    if (!pegtl::parse<bdat_arguments, Action>(in, chunk)) return std::nullopt;
    return chunk.size == oversize ? std::nullopt : std::optional(chunk);
}

std::optional<HeloArgument> parse_helo_domain(std::string_view argument) {
    argument = trim(argument);
    if (std::any_of(argument.begin(), argument.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
        return std::nullopt;
    }
    pegtl::memory_input in(argument.data(), argument.size(), "");
    if (!pegtl::parse<helo_argument>(in)) return std::nullopt;
    if (argument.ends_with('.')) argument.remove_suffix(1);
    if (mail::check_lengths({}, argument) != mail::MailboxError::none) return std::nullopt;
    HeloArgument helo{std::string(argument), std::string(argument), argument.starts_with('[')};
    if (helo.literal) {
        std::string_view inside = argument.substr(1, argument.size() - 2);
        if (equals_ignoring_case(inside.substr(0, 5), "IPv6:")) inside.remove_prefix(5);
        helo.value = inside;
    }
    return helo;
}

}  // namespace sluice::grammar::smtp
