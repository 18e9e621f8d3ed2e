// Address lists of header fields, the plain side of address_list_rules.hpp: what stands where in the text of one field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::grammar::mail {

// Octets [begin, end) of the text parsed.
struct TextSpan {
    std::size_t begin = 0;
    std::size_t end = 0;

    [[nodiscard]] std::string_view of(std::string_view text) const noexcept { return text.substr(begin, end - begin); }
    [[nodiscard]] bool empty() const noexcept { return begin == end; }
};

struct ListedMailbox {
    TextSpan display_name;   // as written, quotes included; empty if there is none
    TextSpan addr_spec;      // local-part@domain as written, comments inside included
    std::string local_part;  // quoting, comments and blanks removed
    std::string domain;      // the same; a literal keeps its brackets
};

enum class ListItemKind : std::uint8_t {
    mailbox,
    comma,
    semicolon,    // ends a group, or stands where a comma should
    group_begin,  // "Name:"
    unreadable,   // text that is no address
};

struct ListItem {
    ListItemKind kind;
    TextSpan span;
    std::size_t mailbox = 0;  // index into AddressList::mailboxes
};

struct AddressList {
    std::vector<ListItem> items;  // in order; blanks and comments between them have none
    std::vector<ListedMailbox> mailboxes;
    bool unclosed = false;  // a quote or comment takes the rest of the field
};

// `value`: the text behind the colon of a field, folds included. Any text gives a list.
[[nodiscard]] AddressList parse_address_list(std::string_view value);

}  // namespace sluice::grammar::mail
