// The beginning of a connection: connect, greeting, EHLO, STARTTLS, EHLO again, AUTH (tls.md 4.2, steps 4 to 8).
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/smtp_client/authentication.hpp"
#include "engine/smtp_client/connection.hpp"
#include "engine/smtp_client/dialogue.hpp"
#include "engine/smtp_client/transaction.hpp"

namespace sluice::smtp_client {

namespace {

constexpr std::string_view kNoTls = "451 4.7.6 [internal] STARTTLS required but not advertised";
constexpr std::string_view kNoGoAhead = "451 4.7.5 [internal] no tls go-ahead";
constexpr std::string_view kNoNegotiation = "451 4.7.5 [internal] TLS negotiation failed";
constexpr std::string_view kMisconfigured = "451 4.3.5 [internal] configuration error, please try later";

OpenFailure failure_of(RecipientResult result) {
    const bool ours = result.cause == Cause::cancelled || result.cause == Cause::configuration;
    return {std::move(result), !ours, {}};
}

OpenFailure tls_failure(std::string_view text, std::string detail) {
    constexpr std::size_t kStatusAt = 4;  // in the texts above
    RecipientResult result = own_result(Cause::tls, Command::starttls, text.substr(kStatusAt, 5), std::string(text));
    return {std::move(result), true, std::move(detail)};
}

OpenFailure misconfigured(std::string detail) {
    return {own_result(Cause::configuration, Command::connect, "4.3.5", std::string(kMisconfigured)), false,
            std::move(detail)};
}

// Why the step of an answer has failed, unless it has the one code that is right there.
std::optional<OpenFailure> refusal(Dialogue& dialogue, const Answer& answer, int wanted, Command command) {
    if (answer.trouble) return failure_of(*answer.trouble);
    if (answer.reply.code == wanted) return std::nullopt;
    if (answer.reply.code < 400) return failure_of(dialogue.nonsense(answer.reply, command));
    return failure_of(result_of(answer.reply, command));
}

bool sayable_name(const std::string& name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// What goes into SNI (RFC 6066 3): a host name without the final dot, no address.
std::string server_name_of(const std::string& host) {
    error_code not_an_address;
    (void)asio::ip::make_address(host, not_an_address);
    if (!not_an_address || host.starts_with('[')) return {};
    return host.substr(0, host.size() - (host.ends_with('.') ? 1 : 0));
}

}  // namespace

asio::awaitable<std::optional<OpenFailure>> Connection::open(tls::Endpoint endpoint, Options options) {
    const bool throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    options_ = std::move(options);
    std::optional<OpenFailure> failure = co_await try_open(endpoint);
    ready_ = !failure;
    if (failure) close();
    co_await asio::this_coro::throw_if_cancelled(throwing);
    co_return failure;
}

Connection::Step Connection::try_open(const tls::Endpoint& endpoint) {
    const TlsPolicy& policy = options_.tls;
    if (!sayable_name(options_.hello_name)) co_return misconfigured("the name for EHLO cannot be said");
    if (policy.mode != TlsMode::none && !policy.context) co_return misconfigured("no TLS context");
    std::optional<OpenFailure> failure = co_await attempt(endpoint, policy.mode);
    const bool may_fall_back = policy.mode == TlsMode::opportunistic && policy.fallback;
    if (!failure || failure->result.cause != Cause::tls || !may_fall_back) co_return failure;
    fallback_reason_ = failure->result.text + (failure->detail.empty() ? "" : ": " + failure->detail);
    co_return co_await attempt(endpoint, TlsMode::none);
}

Connection::Step Connection::attempt(const tls::Endpoint& endpoint, TlsMode mode) {
    dialogue_ = std::make_unique<Dialogue>(executor_, options_.timeouts);
    tls_facts_.reset();
    if (cancelled_) dialogue_->connection().cancel();
    if (const auto trouble = co_await dialogue_->connect(endpoint, options_.source)) co_return failure_of(*trouble);
    std::optional<OpenFailure> failure;
    if (mode == TlsMode::tunnel) failure = co_await handshake(true);
    if (!failure) failure = co_await greet();
    if (!failure) failure = co_await say_hello();
    if (!failure && (mode == TlsMode::opportunistic || mode == TlsMode::required)) failure = co_await start_tls(mode);
    if (!failure && options_.credentials) failure = co_await authenticate();
    co_return failure;
}

Connection::Step Connection::greet() {
    const Answer answer = co_await dialogue_->read(Command::greeting);
    co_return refusal(*dialogue_, answer, 220, Command::greeting);
}

// A server that refuses EHLO may know HELO only (RFC 5321 4.1.4); LMTP has nothing older.
Connection::Step Connection::say_hello() {
    extensions_ = {};
    const bool lmtp = options_.protocol == Protocol::lmtp;
    const std::string extended = fmt::format("{} {}\r\n", lmtp ? "LHLO" : "EHLO", options_.hello_name);
    Answer answer = co_await dialogue_->ask(extended, Command::ehlo);
    std::optional<OpenFailure> failure = refusal(*dialogue_, answer, 250, Command::ehlo);
    if (!failure) {
        extensions_ = Extensions::parse(answer.reply.text);
        co_return std::nullopt;
    }
    if (lmtp || failure->result.kind != Kind::permanent) co_return failure;
    answer = co_await dialogue_->ask(fmt::format("HELO {}\r\n", options_.hello_name), Command::ehlo);
    std::optional<OpenFailure> second = refusal(*dialogue_, answer, 250, Command::ehlo);
    if (!second) co_return std::nullopt;
    // One that said no and hung up has said why the first time.
    co_return second->result.remote_said() ? second : failure;
}

Connection::Step Connection::start_tls(TlsMode mode) {
    if (!extensions_.starttls) {
        if (mode == TlsMode::required) co_return tls_failure(kNoTls, {});
        co_return std::nullopt;
    }
    const Answer answer = co_await dialogue_->ask("STARTTLS\r\n", Command::starttls);
    if (const std::optional<OpenFailure> refused = refusal(*dialogue_, answer, 220, Command::starttls)) {
        const bool in_clear = mode == TlsMode::opportunistic && options_.tls.fallback &&
                              !options_.tls.fallback_new_connection && !dialogue_->over();
        if (in_clear) {
            fallback_reason_ = fmt::format("{}: {}", kNoGoAhead, refused->result.text);
            co_return std::nullopt;
        }
        if (refused->result.cause == Cause::cancelled) co_return refused;
        co_return tls_failure(kNoGoAhead, refused->result.text);
    }
    // CVE-2011-0411 the other way round: what was said in clear behind the 220 would count as said under TLS.
    if (dialogue_->ahead()) co_return tls_failure(kNoNegotiation, "clear text behind the reply to STARTTLS");
    if (auto failure = co_await handshake(false)) co_return failure;
    std::optional<OpenFailure> failure = co_await say_hello();
    if (failure && failure->result.cause == Cause::connection_lost) {
        co_return tls_failure(kNoNegotiation, failure->result.text);
    }
    co_return failure;
}

Connection::Step Connection::handshake(bool implicit) {
    const tls::HandshakeResult result = co_await dialogue_->connection().handshake(
        options_.tls.context, server_name_of(options_.host_name), options_.timeouts.handshake, implicit);
    if (result.facts) {
        tls_facts_ = result.facts;
        co_return std::nullopt;
    }
    if (result.failure->kind == tls::HandshakeError::cancelled) {
        co_return failure_of(
            own_result(Cause::cancelled, Command::starttls, "4.3.2", "cancelled during the TLS handshake"));
    }
    std::string detail = result.failure->reason;
    if (result.failure->alert) detail += fmt::format(" (alert {})", *result.failure->alert);
    co_return tls_failure(kNoNegotiation, std::move(detail));
}

// A wrong password is the administrator's to mend, so refusals of AUTH are temporary, whatever the server says.
Connection::Step Connection::authenticate() {
    const Credentials& credentials = *options_.credentials;
    const auto unable = [](std::string text) {
        return failure_of(own_result(Cause::credentials, Command::auth, "4.7.0", std::move(text)));
    };
    if (!tls_facts_ && !credentials.allow_in_clear) co_return unable("credentials are not sent without TLS");
    if (!extensions_.auth_plain && !extensions_.auth_login) {
        co_return unable("the server offers neither AUTH PLAIN nor AUTH LOGIN");
    }
    if ((credentials.user + credentials.password).find('\0') != std::string::npos) {
        co_return unable("user or password has an octet 0");
    }
    AuthScript script(credentials, extensions_.auth_plain ? Mechanism::plain : Mechanism::login);
    for (std::string* line = script.next(); line != nullptr; line = script.next()) {
        const Answer answer = co_await dialogue_->ask(*line, Command::auth);
        const bool last = script.done();
        std::optional<OpenFailure> failure = refusal(*dialogue_, answer, last ? 235 : 334, Command::auth);
        if (!failure) continue;
        RecipientResult& result = failure->result;
        if (result.kind == Kind::permanent) result.status.front() = '4';
        result.kind = Kind::temporary;
        co_return failure;
    }
    co_return std::nullopt;
}

}  // namespace sluice::smtp_client
