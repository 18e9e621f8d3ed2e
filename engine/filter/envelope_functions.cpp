// envelop:: and transport:: (vsl-rules.md 9.7, 9.9): the envelope of this transaction. No header is touched.
#include <algorithm>

#include <fmt/format.h>

#include "dsl/lib/mail_objects.hpp"
#include "engine/base/limits.hpp"
#include "engine/deliver/forward_target.hpp"
#include "engine/filter/stage_context.hpp"
#include "grammar/smtp/command_line.hpp"
#include "grammar/smtp/xtext.hpp"

namespace sluice::filter {

using dsl::NativeCall;
using dsl::Outcome;

bool address_argument(NativeCall& call, std::size_t index, smtp::Address& address) {
    const auto text = dsl::lib::text_of(call.args[index]);
    auto parsed = smtp::parse_address(text);
    if (!parsed) {
        *call.result = dsl::Value();
        call.error = dsl::make_thrown(
            dsl::Value::string(fmt::format("invalid type conversion expected: `address`, but got: `{}`", text)));
        return false;
    }
    address = std::move(*parsed);
    return true;
}

namespace {

// What becomes of NOTIFY and ORCPT (RFC 3461). A recipient that rules add is one the sender may not know of: it has no
// ORCPT, nobody reports its success, and nobody its failure to a sender who said NEVER for all of the RCPTs.
std::uint8_t notify_of_added(const smtp::Transaction& transaction) {
    bool given = false;
    for (const auto& recipient : transaction.recipients) {
        if (recipient.command == 0) continue;  // added by a rule of another stage
        if (recipient.notify != grammar::smtp::notify_never) return 0;
        given = true;
    }
    return given ? grammar::smtp::notify_never : 0;
}

Outcome too_many(NativeCall& call) {
    return call.fail(fmt::format("a message has at most {} recipients", limits::recipients));
}

Outcome add(StageContext& context, NativeCall& call, std::uint8_t notify) {
    smtp::Address address;
    if (!address_argument(call, 0, address)) return Outcome::error;
    if (context.transaction->recipients.size() >= limits::recipients) return too_many(call);
    context.transaction->add_recipient(std::move(address));
    context.transaction->recipients.back().notify = notify;
    return call.ok();
}

void remove(StageContext& context, const smtp::Address& address) {
    std::erase_if(context.transaction->recipients, [&](const auto& recipient) { return recipient.address == address; });
}

Outcome use(StageContext& context, NativeCall& call, const std::string& method) {
    smtp::Address address;
    if (!address_argument(call, 0, address)) return Outcome::error;
    bool found = false;
    for (auto& recipient : context.transaction->recipients) {
        if (!(recipient.address == address)) continue;
        recipient.transport = method;
        found = true;
    }
    return found ? call.ok() : call.fail(fmt::format("'{}' is not a recipient of this message", address.text));
}

Outcome use_for_all(StageContext& context, NativeCall& call, const std::string& method) {
    for (auto& recipient : context.transaction->recipients) recipient.transport = method;
    return call.ok();
}

// "forward TARGET"; empty: the call has failed.
std::string forward_method(NativeCall& call, std::size_t index) {
    const auto text = dsl::lib::text_of(call.args[index]);
    const auto parsed = deliver::parse_forward_target(text);
    if (parsed.target) return std::string(deliver::forward_prefix) + text;
    call.error = dsl::make_thrown(dsl::Value::string(parsed.error));
    return {};
}

}  // namespace

namespace functions {

Outcome envelop_rw_mail_from(StageContext& context, NativeCall& call) {
    smtp::Address address;
    if (!address_argument(call, 0, address)) return Outcome::error;
    context.transaction->reverse_path = std::move(address);
    return call.ok();
}

Outcome envelop_rw_rcpt(StageContext& context, NativeCall& call) {
    smtp::Address old;
    smtp::Address fresh;
    if (!address_argument(call, 0, old) || !address_argument(call, 1, fresh)) return Outcome::error;
    auto& recipients = context.transaction->recipients;
    const auto found = std::find_if(recipients.begin(), recipients.end(),
                                    [&](const auto& recipient) { return recipient.address == old; });
    // The sender is told of the address that the sender wrote, and of that only as asked.
    smtp::Recipient kept;
    if (found != recipients.end()) {
        kept.notify = found->notify;
        kept.original_recipient = found->original_recipient.empty() ? grammar::smtp::original_recipient_of(old.text)
                                                                    : found->original_recipient;
    } else {
        kept.notify = notify_of_added(*context.transaction);
    }
    remove(context, old);
    if (recipients.size() >= limits::recipients) return too_many(call);
    context.transaction->add_recipient(std::move(fresh));
    recipients.back().notify = kept.notify;
    recipients.back().original_recipient = std::move(kept.original_recipient);
    return call.ok();
}

Outcome envelop_add_rcpt(StageContext& context, NativeCall& call) {
    return add(context, call, notify_of_added(*context.transaction));
}
// Blind: no report may tell the sender that there is such a copy.
Outcome envelop_bcc(StageContext& context, NativeCall& call) { return add(context, call, grammar::smtp::notify_never); }

Outcome envelop_rm_rcpt(StageContext& context, NativeCall& call) {
    smtp::Address address;
    if (!address_argument(call, 0, address)) return Outcome::error;
    remove(context, address);
    return call.ok();
}

Outcome transport_deliver(StageContext& context, NativeCall& call) { return use(context, call, "deliver"); }
Outcome transport_deliver_all(StageContext& context, NativeCall& call) { return use_for_all(context, call, "deliver"); }
Outcome transport_mbox(StageContext& context, NativeCall& call) { return use(context, call, "mbox"); }
Outcome transport_mbox_all(StageContext& context, NativeCall& call) { return use_for_all(context, call, "mbox"); }
Outcome transport_maildir(StageContext& context, NativeCall& call) { return use(context, call, "maildir"); }
Outcome transport_maildir_all(StageContext& context, NativeCall& call) { return use_for_all(context, call, "maildir"); }

Outcome transport_forward(StageContext& context, NativeCall& call) {
    const auto method = forward_method(call, 1);
    return method.empty() ? Outcome::error : use(context, call, method);
}
Outcome transport_forward_all(StageContext& context, NativeCall& call) {
    const auto method = forward_method(call, 0);
    return method.empty() ? Outcome::error : use_for_all(context, call, method);
}

}  // namespace functions

}  // namespace sluice::filter
