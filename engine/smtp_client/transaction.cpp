#include "engine/smtp_client/transaction.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/smtp_client/mail_checks.hpp"

namespace sluice::smtp_client {

namespace {

constexpr std::string_view kEnd = ".\r\n";
constexpr std::string_view kLineAndEnd = "\r\n.\r\n";

}  // namespace

Transaction::Transaction(const Mail& mail, const Extensions& extensions, Protocol protocol, bool reset)
    : mail_(mail),
      extensions_(extensions),
      protocol_(protocol),
      facts_(examine(mail.content)),
      results_(mail.recipients.size()) {
    if (const auto refused = check_mail(mail, facts_, extensions)) {
        decide_rest(*refused);
        return;
    }
    for (std::size_t i = 0; i < results_.size(); ++i) {
        if (const auto refused = check_recipient(mail.recipients[i], extensions)) decide(i, *refused);
    }
    bdat_ = extensions.chunking && (facts_.nul || facts_.octets > limits::client_bdat_from);
    if (undecided()) write_commands(reset);
}

void Transaction::add_step(Command command, std::size_t recipient) {
    commands_ += "\r\n";
    steps_.push_back({command, static_cast<std::uint32_t>(recipient), commands_.size()});
}

void Transaction::write_commands(bool reset) {
    steps_.reserve(results_.size() + 3);
    if (reset) {
        commands_ += "RSET";
        add_step(Command::rset);
    }
    append_mail_command(commands_, mail_, facts_, extensions_);
    add_step(Command::mail);
    for (std::size_t i = 0; i < results_.size(); ++i) {
        if (results_[i]) continue;
        append_rcpt_command(commands_, mail_.recipients[i], extensions_);
        add_step(Command::rcpt, i);
    }
    if (bdat_) {
        const std::uint64_t octets = facts_.octets + after_content().size();
        bdat_command_ = fmt::format("BDAT {} LAST\r\n", octets);
    } else {
        commands_ += "DATA";
        add_step(Command::data);
    }
}

bool Transaction::wants_batch() const noexcept {
    if (waiting() || sent_ == steps_.size() || mail_refused_) return false;
    return steps_[sent_].command != Command::data || has_accepted();
}

std::string_view Transaction::next_batch() {
    const std::size_t begin = sent_ == 0 ? 0 : steps_[sent_ - 1].end;
    ++sent_;
    if (extensions_.pipelining) {
        while (sent_ < steps_.size() && steps_[sent_].end - begin <= limits::client_commands) ++sent_;
    }
    return std::string_view(commands_).substr(begin, steps_[sent_ - 1].end - begin);
}

bool Transaction::apply(const Reply& reply) {
    const Step& step = steps_[answered_++];
    // Only DATA has an intermediate reply, and no other positive one.
    if (reply.intermediate() != (step.command == Command::data) && reply.code < 400) return false;
    switch (step.command) {
        case Command::mail:
            mail_accepted_ = reply.positive();
            mail_refused_ = !mail_accepted_;
            if (mail_refused_) decide_rest(result_of(reply, step.command));
            return true;
        case Command::rcpt:
            if (!reply.positive()) {
                decide(step.recipient, result_of(reply, step.command));
            } else if (mail_refused_) {
                phantom_ = true;
            } else {
                accepted_.push_back(step.recipient);
            }
            return true;
        case Command::data:
            go_ahead_ = reply.intermediate();
            if (go_ahead_) return true;
            decide_rest(result_of(reply, step.command));
            accepted_.clear();
            return true;
        default: return reply.positive();  // RSET
    }
}

std::string_view Transaction::after_content() const noexcept {
    if (bdat_) return facts_.ends_with_line ? std::string_view() : kLineAndEnd.substr(0, 2);
    return facts_.ends_with_line ? kEnd : kLineAndEnd;
}

std::size_t Transaction::final_replies() const noexcept { return protocol_ == Protocol::lmtp ? accepted_.size() : 1; }

bool Transaction::apply_final(const Reply& reply, std::size_t number) {
    if (reply.intermediate()) return false;
    const RecipientResult result = result_of(reply, Command::final_dot);
    if (protocol_ == Protocol::lmtp) {
        decide(accepted_[number], result);
    } else {
        decide_rest(result);
    }
    return true;
}

void Transaction::decide(std::size_t recipient, const RecipientResult& result) {
    if (results_[recipient]) return;
    results_[recipient] = result;
    ++decided_;
}

void Transaction::decide_rest(const RecipientResult& result) {
    for (std::size_t i = 0; i < results_.size(); ++i) decide(i, result);
}

std::vector<RecipientResult> Transaction::take_results() {
    std::vector<RecipientResult> all;
    all.reserve(results_.size());
    for (std::optional<RecipientResult>& each : results_) all.push_back(*std::move(each));
    return all;
}

}  // namespace sluice::smtp_client
