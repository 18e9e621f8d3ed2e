#include "grammar/mail/mailbox.hpp"

#include "grammar/mail/limits.hpp"
#include "grammar/mail/mailbox_rules.hpp"

namespace sluice::grammar::mail {
namespace {

struct Parts {
    std::string_view local_part;
    std::string_view domain;
};

template <typename Rule>
struct Action : pegtl::nothing<Rule> {};

template <>
struct Action<local_part> {
    template <typename Input>
    static void apply(const Input& in, Parts& parts) {
        parts.local_part = in.string_view();
    }
};

template <>
struct Action<mailbox_domain> {
    template <typename Input>
    static void apply(const Input& in, Parts& parts) {
        parts.domain = in.string_view();
    }
};

}  // namespace

ParsedMailbox parse_mailbox(std::string_view text) {
    if (text.size() > max_mailbox) return {{}, MailboxError::too_long};
    pegtl::memory_input in(text.data(), text.size(), "");
    Parts parts;
    if (!pegtl::parse<only_mailbox, Action>(in, parts)) return {{}, MailboxError::syntax};
    const MailboxError error = check_lengths(parts.local_part, parts.domain);
    if (error != MailboxError::none) return {{}, error};
    return {{unquote_local_part(parts.local_part), std::string(parts.domain)}, MailboxError::none};
}

std::string unquote_local_part(std::string_view matched) {
    if (!matched.starts_with('"')) return std::string(matched);
    matched = matched.substr(1, matched.size() - 2);
    std::string plain;
    plain.reserve(matched.size());
    for (std::size_t i = 0; i < matched.size(); ++i) {
        if (matched[i] == '\\') ++i;
        plain += matched[i];
    }
    return plain;
}

std::string quote_local_part(std::string_view local_part) {
    pegtl::memory_input in(local_part.data(), local_part.size(), "");
    if (pegtl::parse<only_dot_string>(in)) return std::string(local_part);
    std::string quoted = "\"";
    for (const char c : local_part) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted += '"';
}

MailboxError check_lengths(std::string_view local_part, std::string_view domain) {
    if (local_part.size() > max_local_part || domain.size() > max_domain) return MailboxError::too_long;
    for (std::size_t start = 0; !domain.starts_with('[') && start <= domain.size();) {
        const std::size_t end = std::min(domain.find('.', start), domain.size());
        if (end - start > max_domain_label) return MailboxError::too_long;
        start = end + 1;
    }
    return MailboxError::none;
}

}  // namespace sluice::grammar::mail
