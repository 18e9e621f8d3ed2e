// TLS at the beginning of a connection: STARTTLS, the handshake, and when to go on without (tls.md 4.1, 4.2).
#include <fmt/format.h>

#include <utility>

#include "engine/smtp_client/connection.hpp"
#include "engine/smtp_client/open_failure.hpp"
#include "engine/smtp_client/transaction.hpp"

namespace sluice::smtp_client {

namespace {

constexpr int kUnrecognizedName = 112;  // alert (RFC 6066 3)

// What goes into SNI (RFC 6066 3): a host name without the final dot, no address.
std::string server_name_of(const std::string& host) {
    error_code not_an_address;
    (void)asio::ip::make_address(host, not_an_address);
    if (!not_an_address || host.starts_with('[')) return {};
    return host.substr(0, host.size() - (host.ends_with('.') ? 1 : 0));
}

}  // namespace

std::string Connection::server_name() const {
    const TlsPolicy& policy = options_.tls;
    if (policy.server_name) return *policy.server_name;
    return without_name_ ? std::string() : server_name_of(options_.host_name);
}

// Only what went wrong with TLS itself is mended by doing without; a certificate that is not what was asked for is not.
Connection::Step Connection::try_open(const tls::Endpoint& endpoint) {
    const TlsPolicy& policy = options_.tls;
    std::optional<OpenFailure> failure = co_await attempt(endpoint, policy.mode);
    if (failure && without_name_) {
        const std::string with_name = failure->detail;
        failure = co_await attempt(endpoint, policy.mode);
        if (failure) failure->detail = fmt::format("{}; without SNI: {}", with_name, failure->detail);
    }
    const bool may_fall_back = policy.mode == TlsMode::opportunistic && policy.fallback;
    if (!failure || failure->result.cause != Cause::tls || !may_fall_back) co_return failure;
    fallback_reason_ = failure->result.text + (failure->detail.empty() ? "" : ": " + failure->detail);
    co_return co_await attempt(endpoint, TlsMode::none);
}

Connection::Step Connection::start_tls(TlsMode mode) {
    if (!extensions_.starttls) {
        if (mode == TlsMode::required) co_return tls_failure(kTlsNotOffered, {});
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
    const TlsPolicy& policy = options_.tls;
    tls::ClientHandshake wanted;
    wanted.context = policy.context;
    wanted.server_name = server_name();
    wanted.requirement = policy.requirement;
    wanted.sessions = policy.sessions;
    wanted.session_key = fmt::format("{}\n{}\n{}", session_endpoint_, wanted.server_name, policy.session_key);
    wanted.implicit = implicit;
    const bool named = !wanted.server_name.empty();
    const tls::HandshakeResult result =
        co_await dialogue_->connection().handshake(std::move(wanted), options_.timeouts.handshake);
    if (result.facts) {
        tls_facts_ = result.facts;
        without_name_ = false;
        co_return std::nullopt;
    }
    const tls::HandshakeFailure& failure = *result.failure;
    if (failure.kind == tls::HandshakeError::cancelled) {
        co_return failure_of(
            own_result(Cause::cancelled, Command::starttls, "4.3.2", "cancelled during the TLS handshake"));
    }
    if (failure.peer) co_return certificate_failure(failure);
    // Some servers refuse any name that they do not have a certificate for; Postfix sends none.
    without_name_ = named && !policy.server_name && failure.alert == kUnrecognizedName;
    std::string detail = failure.reason;
    if (failure.alert) detail += fmt::format(" (alert {})", *failure.alert);
    co_return tls_failure(kNoNegotiation, std::move(detail));
}

}  // namespace sluice::smtp_client
