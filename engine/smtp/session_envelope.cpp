// MAIL and RCPT.
#include <algorithm>

#include "engine/base/ascii.hpp"
#include "engine/smtp/receive_policy.hpp"
#include "engine/smtp/session.hpp"
#include "grammar/smtp/command_line.hpp"

namespace sluice::smtp {

using grammar::smtp::ArgumentError;
using grammar::smtp::Body;

namespace {

ReplyId reply_to(ArgumentError error, ReplyId bad_path) {
    switch (error) {
        case ArgumentError::path:
        case ArgumentError::path_too_long: return bad_path;
        case ArgumentError::parameter_unknown: return ReplyId::ParameterNotRecognized;
        case ArgumentError::ret: return ReplyId::BadRet;
        case ArgumentError::envid: return ReplyId::BadEnvid;
        case ArgumentError::notify: return ReplyId::BadNotify;
        case ArgumentError::orcpt: return ReplyId::BadOrcpt;
        case ArgumentError::parameter_syntax:
        case ArgumentError::parameter_value:
        case ArgumentError::none: break;
    }
    return ReplyId::SyntaxErrorParams;
}

}  // namespace

HandledLookup Session::handled() const {
    return [rules = context_.snapshot->rules.get()](std::string_view domain) { return rules->handled(domain); };
}

std::optional<ReplyId> Session::mail_refusal(const grammar::smtp::MailArguments& arguments, const Address& sender,
                                             std::string_view domain) {
    if (const auto why = receive_refusal(settings_.receive_policies, domain, facts_.tls)) return why;
    if (sender.needs_smtputf8() && !arguments.smtputf8) return ReplyId::NeedSmtpUtf8;
    if (arguments.size.value_or(0) > settings_.message_size_limit) return ReplyId::MessageSizeExceeded;
    switch (context_.sink.room_for(arguments.size.value_or(0))) {
        case SinkStatus::stored: return std::nullopt;
        case SinkStatus::full: return ReplyId::SpoolFull;
        case SinkStatus::failed: break;
    }
    closing_ = true;
    return ReplyId::SpoolFailed;
}

asio::awaitable<bool> Session::check_mail(const grammar::smtp::MailArguments& arguments,
                                          const Transaction& transaction) {
    const Address& sender = transaction.reverse_path;
    const std::string_view domain = sender.null() ? std::string_view(facts_.helo) : sender.domain;
    const std::optional<ReplyId> why = mail_refusal(arguments, sender, domain);
    if (!why) co_return true;
    Reply reply = settings_.replies.get(*why, {.name = facts_.server_name, .domain = domain});
    refuse({.event = SessionEvent::mail_refused,
            .transaction = &transaction,
            .reply = &reply,
            .detail = reply_name(*why)});
    co_await answer(std::move(reply));
    co_return false;
}

asio::awaitable<void> Session::do_mail(std::string_view argument) {
    const grammar::smtp::MailArguments arguments = grammar::smtp::parse_mail_args(argument);
    if (arguments.error != ArgumentError::none) {
        co_await answer(reply_to(arguments.error, ReplyId::BadSenderAddress));
        co_return;
    }
    Transaction transaction;
    if (!arguments.path.null) {
        transaction.reverse_path = Address::make(arguments.path.mailbox.local_part, arguments.path.mailbox.domain);
    }
    // RFC 8689 2: what was asked for in clear text could have been added or dropped on the way.
    if (arguments.requiretls && (!connection_->secured() || !settings_.requiretls)) {
        co_await answer(settings_.requiretls ? ReplyId::TlsRequired : ReplyId::ParameterNotRecognized);
        co_return;
    }
    if (!co_await check_mail(arguments, transaction)) co_return;
    transaction.id = Uuid::random();
    transaction.mail_time = std::chrono::system_clock::now();
    transaction.body = arguments.body == Body::eight_bit_mime ? BodyType::eight_bit_mime : BodyType::seven_bit;
    transaction.smtputf8 = arguments.smtputf8;
    transaction.requiretls = arguments.requiretls;
    transaction.declared_size = arguments.size;
    transaction.ret = arguments.ret;
    transaction.envelope_id = arguments.envelope_id;
    transaction.skip = facts_.skip;
    transaction.headers = facts_.headers;
    const Verdict verdict = co_await decide(Stage::mail, &transaction);
    if (verdict.kind == VerdictKind::deny || verdict.kind == VerdictKind::failed) {
        if (verdict.kind == VerdictKind::deny) {
            note(SessionEvent::denied, "mail");
            closing_ = closing_ || settings_.close_on_deny;
        }
    } else {
        group_.emplace(std::move(transaction));
        state_ = MAIL_GIVEN;
    }
    co_await answer(reply_for(Stage::mail, verdict, ReplyId::MailOk));
}

// decisions.md, safety net: relaying needs an authenticated session, a verified peer that may, or an accept or faccept
// of a rule at rcpt. After a faccept at rcpt the rules of this transaction are skipped, so it holds for all of it.
bool Session::may_relay(const Verdict& verdict, const Transaction& part, std::string_view domain) const {
    if (context_.snapshot->rules->handled(domain)) return true;
    if (facts_.may_relay()) return true;
    if (verdict.kind == VerdictKind::accept || verdict.kind == VerdictKind::faccept) return true;
    return part.skip.kind == VerdictKind::faccept && part.skip.since == Stage::rcpt;
}

asio::awaitable<void> Session::do_rcpt(std::string_view argument) {
    any_rcpt_ = true;
    const grammar::smtp::RcptArguments arguments = grammar::smtp::parse_rcpt_args(argument);
    if (arguments.error != ArgumentError::none) {
        co_await answer(reply_to(arguments.error, ReplyId::BadRecipientAddress));
        co_return;
    }
    // RFC 5321 4.5.1: <Postmaster> is this server's own, and never refused as relaying.
    const bool postmaster = arguments.path.postmaster;
    const Address recipient = Address::make(arguments.path.mailbox.local_part,
                                            postmaster ? settings_.server_name : arguments.path.mailbox.domain);
    std::optional<ReplyId> why;
    if ((recipient.needs_smtputf8() || !is_ascii(arguments.original_recipient)) && !group_->base().smtputf8) {
        why = ReplyId::NeedSmtpUtf8;
    } else if (group_->recipient_count() >= settings_.rcpt_count_max) {
        why = ReplyId::TooManyRecipients;
    }
    if (why) {
        Reply reply = text(*why);
        refuse({.event = SessionEvent::rcpt_refused,
                .transaction = &group_->base(),
                .reply = &reply,
                .recipient = recipient.text,
                .detail = reply_name(*why)});
        co_await answer(std::move(reply));
        co_return;
    }
    Transaction& part = group_->add(recipient, handled());
    part.recipients.back().notify = arguments.notify;
    part.recipients.back().original_recipient = arguments.original_recipient;
    const Verdict verdict = co_await decide(Stage::rcpt, &part);
    Reply reply = reply_for(Stage::rcpt, verdict, ReplyId::RcptOk);
    bool refused = verdict.kind == VerdictKind::deny || verdict.kind == VerdictKind::failed;
    if (verdict.kind == VerdictKind::deny) {
        note(SessionEvent::denied, "rcpt");
        closing_ = closing_ || settings_.close_on_deny;
    } else if (!refused && !postmaster && !may_relay(verdict, part, recipient.domain)) {
        reply = text(ReplyId::RelayDenied);
        refuse({.event = SessionEvent::relay_denied,
                .transaction = &part,
                .reply = &reply,
                .recipient = recipient.text,
                .detail = recipient.text});
        refused = true;
    }
    if (refused) group_->refuse();
    state_ = group_->recipient_count() > 0 ? RCPT_GIVEN : MAIL_GIVEN;
    co_await answer(std::move(reply));
}

}  // namespace sluice::smtp
