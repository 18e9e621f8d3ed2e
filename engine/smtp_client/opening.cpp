// The beginning of a connection: connect, greeting, EHLO, STARTTLS (opening_tls.cpp), EHLO again, AUTH (tls.md 4.2,
// steps 4 to 8).
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/smtp_client/authentication.hpp"
#include "engine/smtp_client/connection.hpp"
#include "engine/smtp_client/dialogue.hpp"
#include "engine/smtp_client/open_failure.hpp"
#include "engine/smtp_client/transaction.hpp"

namespace sluice::smtp_client {

namespace {

bool sayable_name(const std::string& name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// One endpoint is one server to those who keep sessions.
std::string octets_of(const tls::Endpoint& endpoint) {
    return {static_cast<const char*>(static_cast<const void*>(endpoint.data())), endpoint.size()};
}

std::optional<OpenFailure> unusable(const Options& options) {
    if (!sayable_name(options.hello_name)) return misconfigured("the name for EHLO cannot be said");
    if (options.tls.mode != TlsMode::none && !options.tls.context) return misconfigured("no TLS context");
    return std::nullopt;
}

}  // namespace

asio::awaitable<std::optional<OpenFailure>> Connection::open(tls::Endpoint endpoint, Options options) {
    const bool throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    options_ = std::move(options);
    session_endpoint_ = octets_of(endpoint);
    std::optional<OpenFailure> failure = unusable(options_);
    if (!failure) failure = co_await try_open(endpoint);
    ready_ = !failure;
    if (failure) close();
    co_await asio::this_coro::throw_if_cancelled(throwing);
    co_return failure;
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
    starttls_offered_ = starttls_offered_ || extensions_.starttls;
    if (!failure && (mode == TlsMode::opportunistic || mode == TlsMode::required)) failure = co_await start_tls(mode);
    if (!failure && options_.requiretls == RequireTls::demanded && !extensions_.requiretls) failure = no_requiretls();
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
        // RFC 8689 2: only what is said under TLS counts.
        if (!tls_facts_ || options_.requiretls == RequireTls::off) extensions_.requiretls = false;
        co_return std::nullopt;
    }
    if (lmtp || failure->result.kind != Kind::permanent) co_return failure;
    answer = co_await dialogue_->ask(fmt::format("HELO {}\r\n", options_.hello_name), Command::ehlo);
    std::optional<OpenFailure> second = refusal(*dialogue_, answer, 250, Command::ehlo);
    if (!second) co_return std::nullopt;
    // One that said no and hung up has said why the first time.
    co_return second->result.remote_said() ? second : failure;
}

// A wrong password is the administrator's to mend, so refusals of AUTH are temporary, whatever the server says.
Connection::Step Connection::authenticate() {
    const Credentials& credentials = *options_.credentials;
    const auto unable = [](std::string text) {
        return failure_of(own_result(Cause::credentials, Command::auth, "4.7.0", std::move(text)));
    };
    if (!tls_facts_ && !credentials.allow_in_clear) co_return unable("credentials are not sent without TLS");
    const bool verified = tls_facts_ && tls_facts_->peer && tls_facts_->peer->judgement.verified;
    if (tls_facts_ && !verified && !credentials.allow_unverified)
        co_return unable("credentials are not sent to a server whose certificate was not verified");
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
