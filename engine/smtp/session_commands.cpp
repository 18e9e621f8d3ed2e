// The command table and the commands without an envelope.
#include <array>

#include "engine/base/limits.hpp"
#include "engine/smtp/ehlo.hpp"
#include "engine/smtp/session.hpp"
#include "grammar/smtp/command_line.hpp"

namespace sluice::smtp {

using grammar::smtp::Verb;

namespace {
enum Flag : unsigned { BEFORE_TLS = 1, LAST = 2, WAITS = 4, LONG = 8, BARE = 16, SASL = 32 };
}

struct Session::Command {
    Verb verb;
    unsigned states;
    unsigned flags;
    asio::awaitable<void> (Session::*handler)(std::string_view argument);

    [[nodiscard]] bool has(Flag flag) const { return (flags & flag) != 0; }
};

const Session::Command* Session::find_command(Verb verb) noexcept {
    static constexpr auto rows = std::to_array<Command>({
#define COMMAND(verb, states, flags, handler) {Verb::verb, states, flags, &Session::handler},
#include "engine/smtp/commands.def"
#undef COMMAND
    });
    for (const Command& row : rows) {
        if (row.verb == verb) return &row;
    }
    return nullptr;
}

asio::awaitable<void> Session::handle(const CommandInput& input) {
    switch (input.kind) {
        case CommandInput::Kind::line: return dispatch(input.line);
        case CommandInput::Kind::too_long: return answer(ReplyId::LineTooLong);
        // What follows in the buffer may be another protocol's idea of commands: close, as Postfix does.
        case CommandInput::Kind::bare_lf:
        case CommandInput::Kind::bare_cr: break;
        case CommandInput::Kind::need_more: break;
    }
    note(SessionEvent::bare_newline, "command");
    closing_ = true;
    return answer(input.kind == CommandInput::Kind::bare_lf ? ReplyId::BareLf : ReplyId::BareCr);
}

asio::awaitable<void> Session::dispatch(std::string_view line) {
    const grammar::smtp::CommandLine parsed = grammar::smtp::parse_command(line);
    if (parsed.verb == Verb::unknown) return answer(ReplyId::UnrecognizedCommand);
    const Command* const command = find_command(parsed.verb);
    if (!command) return answer(ReplyId::Unimplemented);
    if (tls_required() && !command->has(BEFORE_TLS)) {
        Reply reply = text(ReplyId::TlsRequired);
        if (parsed.verb == Verb::mail)
            refuse({.event = SessionEvent::mail_refused, .reply = &reply, .detail = reply_name(ReplyId::TlsRequired)});
        return answer(std::move(reply));
    }
    const std::size_t longest = command->has(SASL)   ? limits::sasl_line + 2
                                : command->has(LONG) ? limits::command_line_esmtp
                                                     : limits::command_line;
    if (line.size() + 2 > longest) return answer(ReplyId::LineTooLong);
    if (command->has(BARE) && !parsed.argument.empty()) return answer(ReplyId::SyntaxErrorParams);
    if ((command->states & state_) == 0) return answer(ReplyId::BadSequence);
    if (out_of_step(*command)) {
        if (command->has(WAITS) && settings_.early_talker == EarlyTalker::reject) {
            closing_ = true;
            Reply reply = text(ReplyId::SyncError);
            refuse({.event = SessionEvent::pipelining_violation,
                    .transaction = group_ ? &group_->base() : nullptr,
                    .reply = &reply,
                    .detail = parsed.word});
            return answer(std::move(reply));
        }
        note(SessionEvent::pipelining_violation, parsed.word);
    }
    return (this->*command->handler)(parsed.argument);
}

// Input behind a command that must be the last of its group, or from a client that was not offered PIPELINING. STARTTLS
// has a policy of its own (session_tls.cpp); behind BDAT stands its chunk.
bool Session::out_of_step(const Command& command) const {
    if (input_->rest().empty() || command.verb == Verb::starttls || command.verb == Verb::bdat) {
        return false;
    }
    return command.has(LAST) || !facts_.esmtp;
}

asio::awaitable<void> Session::hello(std::string_view argument, bool esmtp) {
    const auto parsed = grammar::smtp::parse_helo_domain(argument);
    if (!parsed) {
        co_await answer(ReplyId::SyntaxErrorParams);
        co_return;
    }
    drop_transaction();
    facts_.helo = parsed->value;
    facts_.helo_text = parsed->text;
    facts_.esmtp = esmtp;
    facts_.headers = headers_before_helo_;
    const Verdict verdict = co_await decide(Stage::helo, nullptr);
    if (verdict.kind == VerdictKind::failed || verdict.kind == VerdictKind::deny) {
        if (verdict.kind == VerdictKind::deny) {
            note(SessionEvent::denied, "helo");
            closing_ = true;
        }
        state_ = FRESH;
        facts_.helo.clear();
        facts_.helo_text.clear();
        co_await answer(reply_for(Stage::helo, verdict, ReplyId::Helo));
        co_return;
    }
    state_ = READY;
    if (esmtp && !(verdict.reply && verdict.kind != VerdictKind::quarantine)) {
        const EhloState state{settings_, connection_->secured(), can_start_tls(), mechanisms()};
        put(ehlo_reply(state, {.name = facts_.server_name}));
        co_return;
    }
    co_await answer(reply_for(Stage::helo, verdict, ReplyId::Helo));
}

void Session::drop_transaction() {
    group_.reset();
    bdat_.reset();
    any_rcpt_ = false;
    discarding_chunks_ = false;
    if (state_ != FRESH) state_ = READY;
}

asio::awaitable<void> Session::do_rset(std::string_view) {
    drop_transaction();
    return answer(ReplyId::Ok);
}

asio::awaitable<void> Session::do_noop(std::string_view) { return answer(ReplyId::Ok); }

asio::awaitable<void> Session::do_quit(std::string_view) {
    closing_ = true;
    return answer(ReplyId::Closing);
}

asio::awaitable<void> Session::do_vrfy(std::string_view argument) {
    return answer(argument.empty() ? ReplyId::SyntaxErrorParams : ReplyId::CannotVerify);
}

asio::awaitable<void> Session::do_help(std::string_view) { return answer(ReplyId::Help); }

}  // namespace sluice::smtp
