// Mailboxes (local-part@domain), the plain side of mailbox_rules.hpp: callers need no PEGTL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::grammar::mail {

struct Mailbox {
    std::string local_part;  // quoting removed: `"john doe"@x` gives `john doe`
    std::string domain;      // as written; a literal keeps its brackets
};

enum class MailboxError { none, syntax, too_long };

struct ParsedMailbox {
    Mailbox mailbox;
    MailboxError error = MailboxError::none;
};

// A whole text that is one mailbox, without angle brackets.
[[nodiscard]] ParsedMailbox parse_mailbox(std::string_view text);

// `john doe` -> `"john doe"`; a dot-string stays as it is.
[[nodiscard]] std::string quote_local_part(std::string_view local_part);

// For the action classes of grammars that contain mailboxes: contents of a matched local part, quoting removed.
[[nodiscard]] std::string unquote_local_part(std::string_view matched);
[[nodiscard]] MailboxError check_lengths(std::string_view local_part, std::string_view domain);

}  // namespace sluice::grammar::mail
