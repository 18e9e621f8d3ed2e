#include "engine/app/delivery_log.hpp"

#include <fmt/format.h>

#include "engine/deliver/forward_target.hpp"

namespace sluice::app {

namespace {

using deliver::DeliveryTls;

// The texts of one attempt's fields; they live until the line is written.
struct TlsTexts {
    std::string state = "unknown";
    std::string cipher, protocol, group, sni, issuer, subject, error;
    std::string algorithm_bits, secret_bits;
    std::string resumed;
    std::string verified = "unverified";
    std::string remote_ip, source_ip;

    explicit TlsTexts(const DeliveryTls& tls) {
        if (tls.connected) state = tls.facts ? "TLS" : "SMTP";
        if (tls.facts) {
            cipher = tls.facts->cipher;
            protocol = tls.facts->version;
            group = tls.facts->group;
            sni = tls.facts->sni.value_or("");
            algorithm_bits = std::to_string(tls.facts->cipher_algbits);
            secret_bits = std::to_string(tls.facts->cipher_usebits);
            resumed = tls.facts->resumed ? "yes" : "no";
        }
        const auto& peer = tls.facts ? tls.facts->peer : tls.refused;
        if (peer) {
            if (peer->judgement.verified) verified = "verified";
            error = peer->judgement.why;
            if (peer->leaf) {
                issuer = peer->leaf->issuer_cn;
                subject = peer->leaf->subject_cn;
            }
        }
        if (!tls.remote_ip.is_unspecified()) remote_ip = tls.remote_ip.to_string();
        if (!tls.source_ip.is_unspecified()) source_ip = tls.source_ip.to_string();
    }
};

std::string_view level_of(const DeliveryTls& tls) {
    if (tls.planned_by == "dane") return "dane";
    if (tls.planned_by == "sts") return "sts";
    switch (tls.mode) {
        case tls_policy::Mode::none: return "none";
        case tls_policy::Mode::required:
        case tls_policy::Mode::dane_only: return "required";
        case tls_policy::Mode::opportunistic:
        case tls_policy::Mode::mta_sts:
        case tls_policy::Mode::dane: break;
    }
    return "may";
}

// Momentum's words for its own modes.
std::string_view type_of(tls_policy::Mode mode) {
    if (mode == tls_policy::Mode::none) return "no";
    return mode == tls_policy::Mode::opportunistic ? "ifavailable" : to_string(mode);
}

}  // namespace

std::string tls_tag(const DeliveryTls& tls) {
    const std::string level(level_of(tls));
    if (!tls.connected) return level + (tls.refused || !tls.refusal.empty() ? "!" : "?");
    if (tls.facts || level == "none") return level;
    return level + ":none";
}

void DeliveryLog::attempt(const queue::Envelope& envelope, const queue::Recipient& recipient,
                          const deliver::Outcome& outcome) {
    const bool good = recipient.state == queue::RecipientState::sent;
    const bool failed = recipient.state == queue::RecipientState::failed;
    const std::string_view event = good ? "delivered" : failed ? "delivery-failed" : "delivery-deferred";
    const auto level = good ? obs::Level::info : obs::Level::warn;
    const bool expired = failed && outcome.kind() == deliver::Outcome::Kind::temporary;
    const std::string via = recipient.transport.empty() ? "" : deliver::shown_method(recipient.transport);
    const std::string error = good      ? ""
                              : expired ? "expired; the last attempt said: " + outcome.text()
                                        : outcome.text();
    if (!outcome.tls()) {
        log_.event(
            level, event,
            {{"id", envelope.id}, {"to", recipient.address}, {"via", via}, {"host", outcome.host()}, {"error", error}});
        return;
    }
    const DeliveryTls& tls = *outcome.tls();
    const TlsTexts texts(tls);
    log_.event(level, event,
               {{"id", envelope.id},
                {"to", recipient.address},
                {"via", via},
                {"host", outcome.host()},
                {"error", error},
                {"tls", tls_tag(tls)},
                {"outbound_tls", texts.state},
                {"outbound_tls_type", type_of(tls.mode)},
                {"outbound_tls_protocol", texts.protocol},
                {"outbound_tls_cipher", texts.cipher},
                {"outbound_tls_cipher_algbits", texts.algorithm_bits},
                {"outbound_tls_cipher_usebits", texts.secret_bits},
                {"outbound_tls_verified", texts.verified},
                {"outbound_tls_issuer", texts.issuer},
                {"outbound_tls_subject", texts.subject},
                {"tls_sni", texts.sni},
                {"tls_group", texts.group},
                {"tls_resumed", texts.resumed},
                {"tls_policy", tls.planned_by},
                {"tls_scope", tls.scope},
                {"tls_verify_error", texts.error},
                {"tls_fallback", tls.fallback},
                {"remote_ip", texts.remote_ip},
                {"source_ip", texts.source_ip}});
}

void DeliveryLog::connection(const deliver::ConnectionReport& report, bool note_offer) {
    const DeliveryTls& tls = report.tls;
    const std::string address = tls.remote_ip.to_string();
    // The exact words: administrators search for them (tls.md 4.7, 5.3).
    if (note_offer && report.starttls_offered)
        log_.event(obs::Level::info, "starttls-offered",
                   {{"domain", report.domain},
                    {"address", address},
                    {"text", fmt::format("Host offered STARTTLS: [{}]", report.hop.name)}});
    if (!tls.fallback.empty())
        log_.event(
            obs::Level::warn, "tls-fallback",
            {{"domain", report.domain}, {"host", report.hop.name}, {"address", address}, {"reason", tls.fallback}});
    using Cause = smtp_client::Cause;
    const bool is_tls = report.failure != nullptr && (report.failure->result.cause == Cause::tls ||
                                                      report.failure->result.cause == Cause::certificate);
    if (is_tls)
        log_.event(obs::Level::warn, "tls-outbound-failed",
                   {{"domain", report.domain},
                    {"host", report.hop.name},
                    {"address", address},
                    {"reply", report.failure->result.text},
                    {"reason", tls.refusal},
                    {"tls", tls_tag(tls)}});
}

}  // namespace sluice::app
