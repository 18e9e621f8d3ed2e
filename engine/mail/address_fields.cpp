#include "engine/mail/address_fields.hpp"

#include <fmt/format.h>

#include <utility>

#include "engine/mail/address_list.hpp"

namespace sluice::mail {
namespace {

constexpr std::string_view to = "To";

Result<Mailbox, EditError> mailbox(std::string_view address) {
    auto parsed = grammar::mail::parse_mailbox(address);
    if (parsed.error == grammar::mail::MailboxError::none) return std::move(parsed.mailbox);
    return Failure{EditError{EditProblem::address, fmt::format("{} is not a mail address", shown(address))}};
}

ValueChange replaced(std::optional<std::string> value) {
    if (!value) return {};
    return {ValueChange::Kind::replace, *std::move(value)};
}

}  // namespace

Result<bool, EditError> rewrite_from(HeaderFields& header, std::string_view address) {
    if (const auto checked = mailbox(address); !checked) return Failure{checked.error()};
    return header.set("From", address);
}

Result<bool, EditError> rewrite_recipient(HeaderFields& header, std::string_view old_address,
                                          std::string_view new_address) {
    const auto old_one = mailbox(old_address);
    if (!old_one) return Failure{old_one.error()};
    if (const auto checked = mailbox(new_address); !checked) return Failure{checked.error()};
    if (header.count(to) == 0) return header.append(to, new_address);
    return header.change_values(to, [&](std::string_view value) -> Result<ValueChange, EditError> {
        return replaced(replace_mailbox(value, *old_one, new_address));
    });
}

Result<bool, EditError> add_recipient(HeaderFields& header, std::string_view address) {
    if (const auto checked = mailbox(address); !checked) return Failure{checked.error()};
    if (header.count(to) == 0) return header.append(to, address);
    bool first = true;
    return header.change_values(to, [&](std::string_view value) -> Result<ValueChange, EditError> {
        if (!std::exchange(first, false)) return ValueChange{};
        auto added = add_mailbox(value, address, to.size() + 1);
        if (added) return replaced(std::move(added));
        return Failure{EditError{EditProblem::address_list,
                                 fmt::format("{} cannot be added to the field 'To': a quote or comment in it is never "
                                             "closed",
                                             shown(address))}};
    });
}

Result<bool, EditError> remove_recipient(HeaderFields& header, std::string_view address) {
    const auto gone = mailbox(address);
    if (!gone) return Failure{gone.error()};
    return header.change_values(to, [&](std::string_view value) -> Result<ValueChange, EditError> {
        auto left = remove_mailbox(value, *gone);
        if (left && left->empty()) return ValueChange{ValueChange::Kind::remove_field, {}};
        return replaced(std::move(left));
    });
}

}  // namespace sluice::mail
