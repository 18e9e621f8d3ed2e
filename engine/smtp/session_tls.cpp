// STARTTLS, implicit TLS and the tls stage (tls.md 2.1 to 2.3).
#include <fmt/format.h>

#include <array>

#include "engine/base/limits.hpp"
#include "engine/smtp/handshake_failures.hpp"
#include "engine/smtp/session.hpp"

namespace sluice::smtp {

namespace {

// One line of the log (tls.md 2.11); what the client chose is escaped.
std::string shown_handshake(const tls::Facts& facts) {
    std::string client = "-";
    if (facts.peer && !facts.peer->leaf) client = "none";
    if (facts.peer && facts.peer->leaf) {
        client = fmt::format("{} cn={}", facts.peer->judgement.verified ? "verified" : "unverified",
                             escaped(facts.peer->leaf->subject_cn, limits::log_name));
        if (!facts.peer->judgement.verified) client += fmt::format(" why=\"{}\"", facts.peer->judgement.why);
    }
    return fmt::format("{} {} group={} sni={} domain={} resumed={} ms={} client={}", facts.version, facts.cipher,
                       facts.group.empty() ? "-" : facts.group, facts.sni.value_or("-"), facts.domain, facts.resumed,
                       facts.handshake_ms, client);
}

// Who a certificate says its owner is, when that counts as a login (tls.md 2.7).
std::optional<std::string> identity_of(const tls::CertificateInfo& certificate) {
    for (const std::string_view kind : {"email:", "DNS:"}) {
        for (const std::string& each : certificate.sans) {
            if (each.starts_with(kind) && each.size() > kind.size()) return each.substr(kind.size());
        }
    }
    if (certificate.subject_cn.empty()) return std::nullopt;
    return certificate.subject_cn;
}

}  // namespace

bool Session::can_start_tls() const {
    return !connection_->secured() && tls_settings_.security != TlsSecurity::none &&
           connection_->can_handshake(context_.snapshot->tls.get());
}

bool Session::tls_required() const {
    return tls_settings_.security == TlsSecurity::required && !connection_->secured();
}

asio::awaitable<void> Session::do_starttls(std::string_view argument) {
    std::optional<ReplyId> refusal;
    if (!argument.empty()) {
        refusal = ReplyId::TlsBadArguments;
    } else if (connection_->secured()) {
        refusal = ReplyId::AlreadyUnderTLS;
    } else if (tls_settings_.security == TlsSecurity::none) {
        refusal = ReplyId::TlsNotOffered;
    } else if (!can_start_tls()) {
        refusal = ReplyId::TlsNotAvailable;
    } else if (!idle()) {
        refusal = ReplyId::TlsInTransaction;
    }
    if (refusal) {
        co_await answer(*refusal);
        co_return;
    }
    if (!co_await no_injection()) co_return;
    put(ReplyId::TlsGoAhead);
    co_await flush();
    if (closing_) co_return;
    forget_clear_text();
    if (co_await secure(false)) co_await tls_stage();
}

// CVE-2011-0411: bytes behind STARTTLS were sent in clear and must never be taken for protected commands. No read is
// outstanding here; what arrives later goes to the TLS engine.
asio::awaitable<bool> Session::no_injection() {
    if (input_->rest().empty() && !connection_->readable_now()) co_return true;
    const std::string_view bytes = input_->rest();
    const std::string detail =
        fmt::format("{} bytes: {}", bytes.size(), bytes.empty() ? "(still in the socket)" : escaped(bytes));
    if (tls_settings_.starttls_injection_policy == InjectionPolicy::reject) {
        closing_ = true;
        Reply reply = text(ReplyId::TlsInjection);
        refuse({.event = SessionEvent::starttls_injection, .reply = &reply, .detail = detail});
        co_await answer(std::move(reply));
        co_return false;
    }
    note(SessionEvent::starttls_injection, detail);
    // "ignore": what is in the buffer dies with it; what is in the socket has to be taken out. A client that never
    // stops sending is left to the TLS engine, which refuses it.
    std::array<char, limits::drain_block> rubbish;
    for (int rounds = 0; rounds < 16 && connection_->readable_now(); ++rounds) {
        const tls::IoResult got = co_await connection_->read_some(rubbish, Clock::now() + settings_.timeout.connect);
        if (got.status != tls::IoStatus::ok) {
            give_up(got.status);
            co_return false;
        }
    }
    co_return true;
}

// Before the handshake, so that nothing of it can be seen afterwards (tls.md 2.2, 2.3).
void Session::forget_clear_text() {
    input_.reset();
    input_.emplace(settings_.bare_newline, longest_line());
    group_.reset();
    bdat_.reset();
    any_rcpt_ = false;
    discarding_chunks_ = false;
    state_ = FRESH;
    facts_.helo.clear();
    facts_.helo_text.clear();
    facts_.esmtp = false;
    facts_.headers = headers_before_helo_;
    facts_.authenticated_as.reset();
    facts_.credentials.reset();
    facts_.rule_data.reset();
    // What the connect stage decided was about the client's address, and that stage does not run again.
    if (facts_.skip.since != Stage::connect) facts_.skip = {};
}

// After a failed handshake there is nothing to say in clear: the connection is closed.
asio::awaitable<bool> Session::secure(bool implicit) {
    const auto& snapshot = context_.snapshot->tls;
    if (!connection_->can_handshake(snapshot.get())) {
        refuse({.event = SessionEvent::tls_inbound_failed, .detail = "no certificate is loaded"});
        closing_ = true;
        co_return false;
    }
    tls::HandshakeResult result =
        co_await connection_->handshake(snapshot, tls_policy_, tls_settings_.handshake_timeout, implicit);
    if (result.failure) {
        const tls::HandshakeFailure& failure = *result.failure;
        if (context_.handshake_failures && failure.kind != tls::HandshakeError::cancelled)
            context_.handshake_failures->failed(facts_.client.address(), Clock::now());
        const bool late = failure.kind == tls::HandshakeError::timeout;
        const std::string detail =
            fmt::format("{} sni={} alert={}", failure.reason, failure.sni.value_or("-"), failure.alert.value_or(-1));
        refuse(
            {.event = late ? SessionEvent::tls_handshake_timeout : SessionEvent::tls_inbound_failed, .detail = detail});
        closing_ = true;
        co_return false;
    }
    facts_.tls = std::move(result.facts);
    if (facts_.tls->sni) facts_.server_name = *facts_.tls->sni;
    note(SessionEvent::tls_inbound, shown_handshake(*facts_.tls) + " listener=" + facts_.listener_id);
    facts_.verified_peer = facts_.tls->peer && facts_.tls->peer->judgement.verified;
    if (facts_.verified_peer && tls_settings_.verified_peer_is_authorized) {
        facts_.authenticated_as = identity_of(*facts_.tls->peer->leaf);
        note(facts_.authenticated_as ? SessionEvent::authenticated : SessionEvent::auth_failed,
             facts_.authenticated_as ? "by certificate: " + escaped(*facts_.authenticated_as, limits::log_name)
                                     : "the certificate holds no name");
    }
    co_return true;
}

// Once after each handshake; a refusal is said under TLS, unasked, and the connection closed.
asio::awaitable<void> Session::tls_stage() {
    const Verdict verdict = co_await decide(Stage::tls, nullptr);
    headers_before_helo_ = facts_.headers;
    if (verdict.kind != VerdictKind::deny && verdict.kind != VerdictKind::failed) co_return;
    note(SessionEvent::denied, "tls");
    closing_ = true;
    put(reply_for(Stage::tls, verdict, ReplyId::TlsRefusedByRule));
}

}  // namespace sluice::smtp
