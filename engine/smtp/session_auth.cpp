// AUTH (RFC 4954) and the authenticate stage (vsl-rules.md 4, configuration.md 8). Who is let in:
//   the exchange proved the identity (SCRAM, CRAM-MD5, EXTERNAL): unless a rule denies
//   a password was given: if a rule accepts, or no rule decides and the password file knows it
//   ANONYMOUS: if a rule accepts
#include <variant>

#include "engine/base/limits.hpp"
#include "engine/sasl/wire.hpp"
#include "engine/smtp/handshake_failures.hpp"
#include "engine/smtp/session.hpp"

namespace sluice::smtp {

using sasl::FailureKind;
using sasl::StepKind;

namespace {

ReplyId reply_to(sasl::WireError error) {
    switch (error) {
        case sasl::WireError::cancelled: return ReplyId::AuthClientCanceled;
        case sasl::WireError::not_base64: return ReplyId::AuthErrorDecode64;
        case sasl::WireError::too_long: break;
    }
    return ReplyId::LineTooLong;
}

ReplyId reply_to(FailureKind failure) {
    switch (failure) {
        case FailureKind::malformed: return ReplyId::SyntaxErrorParams;
        case FailureKind::must_not_start: return ReplyId::AuthClientMustNotStart;
        case FailureKind::internal: return ReplyId::AuthTempError;
        case FailureKind::rejected:
        case FailureKind::another_identity:
        case FailureKind::channel_binding:
        case FailureKind::none: break;
    }
    return ReplyId::AuthInvalidCredentials;
}

Credentials facts_of(sasl::Credentials given) {
    Credentials facts;
    facts.mechanism = sasl::to_string(given.mechanism);
    facts.anonymous = given.kind == sasl::CredentialKind::anonymous;
    facts.authid = std::move(given.authid);
    facts.password = given.password.view();
    facts.token = std::move(given.anonymous_token);
    facts.proven = given.proven;
    return facts;
}

void forget_password(Credentials& credentials) {
    sasl::wipe(credentials.password.data(), credentials.password.size());
    credentials.password.clear();
}

}  // namespace

std::size_t Session::longest_line() const noexcept {
    return settings_.auth ? limits::sasl_line + 2 : limits::command_line_esmtp;
}

sasl::Conditions Session::auth_conditions() const {
    const auto& users = context_.snapshot->users;
    sasl::Conditions conditions;
    if (settings_.auth) {
        conditions.configured = settings_.auth->mechanisms;
        conditions.dangerous_in_clear = settings_.auth->enable_dangerous_mechanism_in_clair;
    }
    conditions.under_tls = connection_->secured();
    conditions.channel_binding = facts_.tls && facts_.tls->exporter;
    conditions.password_file = users != nullptr;
    conditions.cram_md5_users = users && users->has_cram_md5();
    return conditions;
}

std::vector<sasl::Mechanism> Session::mechanisms() const { return sasl::available(auth_conditions()); }

// Why this AUTH does not begin.
std::optional<ReplyId> Session::auth_refusal(std::optional<sasl::Mechanism> mechanism) const {
    if (!settings_.auth) return ReplyId::Unimplemented;
    if (facts_.authenticated_as) return ReplyId::AuthAlready;  // RFC 4954 4
    if (!mechanism) return ReplyId::AuthMechNotSupported;
    switch (sasl::refusal(*mechanism, auth_conditions())) {
        case sasl::Refusal::none: return std::nullopt;
        case sasl::Refusal::needs_tls: return ReplyId::AuthMechanismMustBeEncrypted;
        case sasl::Refusal::not_offered: break;
    }
    return ReplyId::AuthMechNotSupported;
}

bool Session::too_many_attempts() {
    const int most = settings_.auth->attempt_count_max;
    if (most >= 0 && auth_failures_ > most) return true;
    if (!context_.attempts) return false;
    return context_.attempts->check(0, key_of(facts_.client.address()), Clock::now()) != sasl::AttemptVerdict::go_on;
}

asio::awaitable<void> Session::do_auth(std::string_view argument) {
    const auto blank = argument.find(' ');
    const auto mechanism = sasl::parse_mechanism(argument.substr(0, blank));
    if (const auto refusal = auth_refusal(mechanism)) {
        co_await answer(argument.empty() && settings_.auth ? ReplyId::SyntaxErrorParams : *refusal);
        co_return;
    }
    if (too_many_attempts()) {
        closing_ = true;
        Reply reply = text(ReplyId::AuthTooManyAttempts);
        refuse({.event = SessionEvent::auth_failed, .reply = &reply, .detail = "too many attempts"});
        co_await answer(std::move(reply));
        co_return;
    }
    auto initial = sasl::decode_initial_response(blank == std::string_view::npos ? std::string_view()
                                                                                 : argument.substr(blank + 1));
    if (!initial) {
        co_await answer(reply_to(initial.error()));
        co_return;
    }
    sasl::ExchangeContext context;
    context.host_name = facts_.server_name;
    if (facts_.tls) context.tls_exporter = facts_.tls->exporter;
    context.credentials = context_.snapshot->users;
    sasl::Exchange exchange(*mechanism, std::move(context));
    std::optional<std::string_view> first;
    if (*initial) first = (**initial).view();
    const auto last = co_await run_exchange(exchange, exchange.start(first));
    if (last) co_await conclude(exchange, *last);
}

// Challenges and responses until the exchange has an end; nullopt if it was cut short, which has been answered.
asio::awaitable<std::optional<sasl::Step>> Session::run_exchange(sasl::Exchange& exchange, sasl::Step step) {
    while (step.kind == StepKind::challenge) {
        out_ += "334 " + sasl::encode_base64(step.challenge) + "\r\n";
        const std::optional<CommandInput> input = co_await next_input();
        if (!input) {
            closing_ = true;
            co_return std::nullopt;
        }
        if (input->kind != CommandInput::Kind::line) {
            co_await handle(*input);
            co_return std::nullopt;
        }
        const auto response = sasl::decode_response(input->line);
        if (!response) {
            if (response.error() == sasl::WireError::cancelled) ++auth_failures_;
            co_await answer(reply_to(response.error()));
            co_return std::nullopt;
        }
        step = exchange.step(response->view());
    }
    co_return step;
}

// The skip status is of no concern here: AUTH is decided anew each time (vsl-rules.md 6).
asio::awaitable<Verdict> Session::authenticate_stage() {
    Verdict verdict = Verdict::failed();
    try {
        verdict = co_await context_.snapshot->rules->run(Stage::authenticate, facts_, nullptr);
    } catch (const std::exception& thrown) {
        note(SessionEvent::internal_error, thrown.what());
    }
    if (verdict.kind == VerdictKind::failed) note(SessionEvent::rule_failed, "authenticate");
    co_return verdict;
}

asio::awaitable<void> Session::conclude(sasl::Exchange& exchange, const sasl::Step& step) {
    if (step.kind == StepKind::failure) {
        co_await failed_attempt(reply_to(step.failure), step.reason, By::server);
        co_return;
    }
    facts_.credentials = facts_of(exchange.take_credentials());
    const Verdict verdict = co_await authenticate_stage();
    bool right = verdict.kind == VerdictKind::accept;
    bool unknown = verdict.kind == VerdictKind::failed;
    if (verdict.kind == VerdictKind::next && facts_.credentials->proven) right = true;
    if (verdict.kind == VerdictKind::next && !facts_.credentials->proven && !facts_.credentials->anonymous &&
        context_.snapshot->check_password) {
        const auto checked =
            co_await context_.snapshot->check_password(facts_.credentials->authid, facts_.credentials->password);
        right = checked.right;
        unknown = !checked.error.empty();
    }
    forget_password(*facts_.credentials);
    if (right) {
        facts_.authenticated_as = facts_.credentials->anonymous ? "anonymous" : facts_.credentials->authid;
        note(SessionEvent::authenticated, facts_.credentials->mechanism + " " + *facts_.authenticated_as);
        co_await answer(ReplyId::AuthSucceeded);
        co_return;
    }
    const std::string detail = facts_.credentials->mechanism + " " + facts_.credentials->authid;
    facts_.credentials.reset();
    const bool decided = verdict.kind == VerdictKind::deny || verdict.kind == VerdictKind::failed;
    co_await failed_attempt(unknown ? ReplyId::AuthTempError : ReplyId::AuthInvalidCredentials, detail,
                            decided ? By::rule : By::server);
}

// After invalid credentials and troubles of our own the connection is closed (configuration.md 8), so that guessing
// costs a connection each time.
asio::awaitable<void> Session::failed_attempt(ReplyId why, std::string_view detail, By whom) {
    Reply reply = text(why);
    if (whom == By::rule)
        note(SessionEvent::auth_failed, detail);
    else
        refuse({.event = SessionEvent::auth_failed, .reply = &reply, .detail = detail});
    const bool wrong = why == ReplyId::AuthInvalidCredentials;
    if (wrong) ++auth_failures_;
    if (wrong && context_.attempts) context_.attempts->failed(key_of(facts_.client.address()), Clock::now());
    closing_ = closing_ || wrong || why == ReplyId::AuthTempError;
    co_await answer(std::move(reply));
}

}  // namespace sluice::smtp
