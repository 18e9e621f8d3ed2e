#include "engine/smtp/address.hpp"

#include <algorithm>

#include "engine/base/ascii.hpp"
#include "grammar/mail/mailbox.hpp"
#include "grammar/smtp/command_line.hpp"

namespace sluice::smtp {

bool Address::needs_smtputf8() const noexcept { return !is_ascii(text); }

Address Address::make(std::string_view local_part, std::string_view domain) {
    Address address{std::string(local_part), std::string(domain), grammar::mail::quote_local_part(local_part)};
    address.text += '@';
    address.text += domain;
    return address;
}

bool operator==(const Address& a, const Address& b) noexcept {
    return a.local_part == b.local_part && equal_ignoring_ascii_case(a.domain, b.domain);
}

std::optional<Address> parse_address(std::string_view text) {
    const grammar::mail::ParsedMailbox parsed = grammar::mail::parse_mailbox(text);
    if (parsed.error != grammar::mail::MailboxError::none) return std::nullopt;
    return Address::make(parsed.mailbox.local_part, parsed.mailbox.domain);
}

bool equal_ignoring_ascii_case(std::string_view a, std::string_view b) noexcept {
    return grammar::smtp::equals_ignoring_case(a, b);
}

}  // namespace sluice::smtp
