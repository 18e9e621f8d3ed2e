#include "engine/smtp/session.hpp"

#include <algorithm>
#include <exception>

#include "engine/base/limits.hpp"

namespace sluice::smtp {

using tls::IoStatus;

Session::Session(std::unique_ptr<tls::Link> connection, SessionContext context)
    : context_(std::move(context)),
      settings_(*context_.snapshot->settings),
      tls_settings_(settings_.tls_for(context_.listener_id)),
      tls_policy_(tls_settings_.policy),
      connection_(std::move(connection)),
      timer_(connection_->executor()),
      session_end_(Clock::now() + settings_.timeout.session) {
    if (tls_policy_.listener_id.empty()) tls_policy_.listener_id = context_.listener_id;
    facts_.id = SessionId::random();
    facts_.client = connection_->peer();
    facts_.server = connection_->local();
    facts_.connected_at = std::chrono::system_clock::now();
    facts_.listener = context_.listener;
    facts_.listener_id = context_.listener_id;
    facts_.handshake_failures = context_.handshake_failures;
    facts_.server_name = settings_.server_name;
    facts_.verified_peer_can_relay = tls_settings_.verified_peer_can_relay;
    input_.emplace(settings_.bare_newline, longest_line());
}

asio::awaitable<void> Session::run() {
    note(SessionEvent::connected);
    try {
        if (co_await open()) co_await converse();
        co_await flush();
    } catch (const std::exception& thrown) {
        // Out of memory, or a defect: this session ends, the others do not notice.
        note(SessionEvent::internal_error, thrown.what());
    }
    connection_->close();
    note(SessionEvent::closed);
}

void Session::stop() noexcept {
    stopping_ = true;
    if (waiting_ && idle()) connection_->cancel();
}

void Session::abort() noexcept {
    stopping_ = aborted_ = true;
    connection_->cancel();
    timer_.cancel();
}

// The connect stage runs before a byte is sent; on an implicit-TLS listener its reply has to wait for the handshake.
asio::awaitable<bool> Session::open() {
    const Verdict verdict = co_await decide(Stage::connect, nullptr);
    headers_before_helo_ = facts_.headers;
    const bool refused = verdict.kind == VerdictKind::deny || verdict.kind == VerdictKind::failed;
    if (facts_.listener == ListenerKind::submissions) {
        if (!co_await secure(true)) co_return false;
        if (!refused) co_await tls_stage();
        if (closing_) co_return false;
    }
    if (refused) {
        // Also when a rule failed: going on would let the client past whatever the rule was to decide.
        note(SessionEvent::denied, "connect");
        put(reply_for(Stage::connect, verdict, ReplyId::Greetings));
        co_return false;
    }
    if (connection_->readable_now()) {
        // Under TLS it is no sign of a bot but of an administrator who pipes commands into `openssl s_client`.
        if (settings_.early_talker == EarlyTalker::reject && !connection_->secured()) {
            const Reply reply = text(ReplyId::SyncError);
            refuse({.event = SessionEvent::early_talker, .reply = &reply});
            put(reply);
            co_return false;
        }
        note(SessionEvent::early_talker);
    }
    put(reply_for(Stage::connect, verdict, ReplyId::Greetings));
    co_return true;
}

asio::awaitable<void> Session::converse() {
    while (!closing_) {
        const std::optional<CommandInput> input = co_await next_input();
        if (!input) co_return;
        co_await handle(*input);
    }
}

Milliseconds Session::command_timeout() const noexcept {
    switch (state_) {
        case FRESH: return settings_.timeout.connect;
        case READY: return settings_.timeout.helo;
        case MAIL_GIVEN: return settings_.timeout.mail_from;
        case BDAT_GIVEN: return settings_.timeout.data;
        default: return settings_.timeout.rcpt_to;
    }
}

// The deadline stands for the whole command, so that a client cannot live on one byte a minute.
asio::awaitable<std::optional<CommandInput>> Session::next_input() {
    const Clock::time_point begin = Clock::now();
    if (begin >= session_end_) {
        put(ReplyId::SessionTooLong);
        co_return std::nullopt;
    }
    const Clock::time_point deadline = std::min(begin + command_timeout(), session_end_);
    for (;;) {
        const CommandInput input = input_->next();
        if (input.kind != CommandInput::Kind::need_more) co_return input;
        if (stopping_ && idle()) {
            put(ReplyId::ShuttingDown);
            co_return std::nullopt;
        }
        co_await flush();
        if (closing_) co_return std::nullopt;
        const std::span<char> space = input_->space();
        waiting_ = true;
        const tls::IoResult got = co_await connection_->read_some(space, deadline);
        waiting_ = false;
        if (got.status != IoStatus::ok) {
            give_up(got.status);
            co_return std::nullopt;
        }
        input_->filled(got.bytes);
    }
}

void Session::give_up(IoStatus status) {
    closing_ = true;
    if (status == IoStatus::cancelled) return put(ReplyId::ShuttingDown);
    if (status != IoStatus::timeout) return;
    note(SessionEvent::timeout);
    put(Clock::now() >= session_end_ ? ReplyId::SessionTooLong : ReplyId::Timeout);
}

asio::awaitable<void> Session::flush() {
    if (out_.empty()) co_return;
    const tls::IoResult written = co_await connection_->write_all(out_, Clock::now() + settings_.timeout.write);
    if (written.status != IoStatus::ok) closing_ = true;
    out_.clear();
    if (out_.capacity() > limits::replies_kept) out_ = {};
}

asio::awaitable<void> Session::pause(Milliseconds time) {
    if (aborted_) co_return;
    timer_.expires_after(time);
    (void)co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
}

// Every reply of 400 and above counts, whatever its origin, for the whole connection (configuration.md 7.5).
asio::awaitable<void> Session::answer(Reply reply) {
    if (!reply.positive()) {
        ++errors_;
        const ErrorLimits& error = settings_.error;
        if (error.hard_count >= 0 && errors_ >= error.hard_count) {
            closing_ = true;
            reply = extend(reply, text(ReplyId::TooManyError));
            refuse({.event = SessionEvent::too_many_errors, .reply = &reply});
        } else if (error.soft_count >= 0 && errors_ >= error.soft_count) {
            co_await flush();
            co_await pause(error.delay);
        }
    }
    put(reply);
}

Reply Session::text(ReplyId id, std::string_view message_id) const {
    return settings_.replies.get(id, {.name = facts_.server_name, .id = message_id});
}

asio::awaitable<Verdict> Session::decide(Stage stage, Transaction* transaction) {
    Skip& skip = transaction ? transaction->skip : facts_.skip;
    if (skip) co_return Verdict::next();
    Verdict verdict = Verdict::failed();
    std::string detail(to_string(stage));
    try {
        verdict = co_await context_.snapshot->rules->run(stage, facts_, transaction);
    } catch (const std::exception& thrown) {
        detail += ": ";
        detail += thrown.what();
        note(SessionEvent::internal_error, detail);
    }
    if (verdict.kind == VerdictKind::failed) {
        note(SessionEvent::rule_failed, detail);
        if (settings_.on_rule_error == OnRuleError::deny) {  // vSMTP's way
            closing_ = true;
            verdict = Verdict::deny();
        }
    }
    if (verdict.kind == VerdictKind::faccept || verdict.kind == VerdictKind::quarantine) {
        skip = {verdict.kind, stage, verdict.quarantine};
    }
    co_return verdict;
}

Reply Session::reply_for(Stage stage, const Verdict& verdict, ReplyId ok) const {
    if (verdict.kind == VerdictKind::failed || verdict.kind == VerdictKind::deny)
        return refusal_reply(settings_, facts_.server_name, stage, verdict);
    const bool has_code = verdict.kind != VerdictKind::next && verdict.kind != VerdictKind::quarantine;
    return has_code && verdict.reply ? *verdict.reply : text(ok);
}

void Session::refuse(const OwnRefusal& refusal) const {
    note(refusal.event, refusal.detail);
    context_.observer.on_refusal(facts_, refusal);
}

}  // namespace sluice::smtp
