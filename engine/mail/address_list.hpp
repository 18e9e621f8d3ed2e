// The addresses in the text of one field (From, To …): reading them, and changing one of them while every other octet
// of the text stays (RFC 5322 3.4; how lenient: grammar/mail/address_list_rules.hpp). Values here are what stands
// between the colon and the last line end of a field. Cost: linear in the size of the value.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/mail/header_lines.hpp"
#include "grammar/mail/mailbox.hpp"

namespace sluice::mail {

using grammar::mail::Mailbox;  // local part without quoting, domain as written

struct ListedMailbox {
    std::string_view display_name;  // as written: quotes and encoded words stay; empty if there is none
    std::string local_part;         // quoting, comments and blanks removed
    std::string domain;             // the same; a literal keeps its brackets
    Span addr_spec;                 // local-part@domain in the value
};

// Those of groups too; elements that are no address are passed over. Views into `value`.
[[nodiscard]] std::vector<ListedMailbox> mailboxes(std::string_view value);

// Local parts compare exactly, domains without regard to ASCII case (decisions.md).
[[nodiscard]] bool same_mailbox(const Mailbox& a, const ListedMailbox& b) noexcept;

// Each returns the new value; nullopt: `old_one` or `gone` is not there.
// The address alone is replaced, wherever it stands in the list; display names stay.
[[nodiscard]] std::optional<std::string> replace_mailbox(std::string_view value, const Mailbox& old_one,
                                                         std::string_view replacement);
// The mailbox goes with its display name, comments and one comma. Groups stay, even empty. A list that has no element
// left becomes the empty string: such a field must go (RFC 5322 3.6.3 wants an address).
[[nodiscard]] std::optional<std::string> remove_mailbox(std::string_view value, const Mailbox& gone);

// `address` behind the last element; on a line of its own if the last one would exceed 78 octets (`name_size`: octets
// in front of the value on its first line). nullopt: a quote or comment that is never closed takes the rest of the
// field.
[[nodiscard]] std::optional<std::string> add_mailbox(std::string_view value, std::string_view address,
                                                     std::size_t name_size);

}  // namespace sluice::mail
