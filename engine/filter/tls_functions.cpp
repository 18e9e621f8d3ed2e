// ctx:: about TLS and the client's certificate (tls.md 2.8).
#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "dsl/lib/duration.hpp"
#include "dsl/lib/mail_objects.hpp"
#include "dsl/value/operations.hpp"
#include "engine/filter/stage_context.hpp"
#include "engine/smtp/handshake_failures.hpp"
#include "engine/tls/verify.hpp"

namespace sluice::filter {

using dsl::NativeCall;
using dsl::Outcome;
using dsl::Value;

namespace {

Value text(std::string_view s) { return Value::string(s); }

// Null: none was shown, or it cannot be parsed.
const tls::CertificateInfo* certificate_of(const smtp::SessionFacts& session) {
    const auto* peer = session.tls ? session.tls->peer.get() : nullptr;
    return peer && peer->leaf ? &*peer->leaf : nullptr;
}

// `client`: always all keys, so that rules need not ask for each.
Value client_map(const smtp::SessionFacts& session) {
    static const tls::CertificateInfo nothing;
    const auto* shown = certificate_of(session);
    const auto* judgement = session.tls->peer ? &session.tls->peer->judgement : nullptr;
    const tls::CertificateInfo& info = shown ? *shown : nothing;
    Value result = dsl::make_map();
    auto& map = result.as_map();
    map.set("presented", Value::boolean(judgement && judgement->fault != tls::PeerFault::no_certificate));
    map.set("verified", Value::boolean(session.verified_peer));
    map.set("verify_error", text(judgement ? judgement->why : "no certificate"));
    map.set("verify_code", Value::integer(judgement ? judgement->code : 0));
    map.set("subject", text(info.subject));
    map.set("issuer", text(info.issuer));
    map.set("subject_cn", text(info.subject_cn));
    map.set("issuer_cn", text(info.issuer_cn));
    map.set("serial", text(info.serial));
    map.set("fingerprint", text(info.fingerprint));
    map.set("spki", text(info.spki_fingerprint));
    dsl::Values sans;
    for (const auto& san : info.sans) sans.push_back(text(san));
    map.set("sans", dsl::make_array(std::move(sans)));
    map.set("not_before", text(info.not_before));
    map.set("not_after", text(info.not_after));
    return result;
}

// Momentum's flat names (tls.md 2.8, last column).
struct Variable {
    std::string_view name;
    Value (*read)(const smtp::SessionFacts& session, const tls::CertificateInfo* certificate);
};

template <std::string tls::CertificateInfo::*member>
Value of_certificate(const smtp::SessionFacts&, const tls::CertificateInfo* certificate) {
    return certificate ? text(certificate->*member) : Value();
}

using Facts = const smtp::SessionFacts&;
using Certificate = const tls::CertificateInfo*;
constexpr auto variables = std::to_array<Variable>({
    {"tls", [](Facts, Certificate) { return text("on"); }},
    {"tls_cipher", [](Facts session, Certificate) { return text(session.tls->cipher); }},
    {"tls_cipher_algbits",
     [](Facts session, Certificate) { return text(std::to_string(session.tls->cipher_algbits)); }},
    {"tls_cipher_usebits",
     [](Facts session, Certificate) { return text(std::to_string(session.tls->cipher_usebits)); }},
    {"tls_client_verified", [](Facts session, Certificate) { return text(session.verified_peer ? "yes" : "no"); }},
    {"tls_client_cert_subject", of_certificate<&tls::CertificateInfo::subject>},
    {"tls_client_cert_issuer", of_certificate<&tls::CertificateInfo::issuer>},
    {"tls_client_cert_subject_cn", of_certificate<&tls::CertificateInfo::subject_cn>},
    {"tls_client_cert_issuer_cn", of_certificate<&tls::CertificateInfo::issuer_cn>},
});

// "AB:CD…" and "abcd…" are one digest; the prefixes that pins have may stand in front. Empty: it is none.
std::string digest_of(std::string_view prefix, std::string_view written) {
    if (written.starts_with(prefix)) written.remove_prefix(prefix.size());
    const auto pin = tls::parse_pin("sha256:" + std::string(written));
    if (!pin) return {};
    std::string hex;
    for (const char c : pin->digest) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return hex;
}

// Whether the object is this name, or has it as a member. Names are of several kinds, and what cannot be compared with
// the object is just not it. An address has its domain as a member, but that of a host is not who writes mail.
bool is_in(const Value& object, const Value& name) {
    bool result = false;
    if (!dsl::equal(object, name, result) && result) return true;
    if (object.is_string() || dsl::host_as<dsl::lib::AddressObject>(object)) return false;
    return !dsl::contains(object, name, result) && result;
}

}  // namespace

namespace functions {

Outcome ctx_tls(StageContext& c, NativeCall& call) {
    if (!c.session.tls) return call.ok();
    const auto& facts = *c.session.tls;
    Value result = dsl::make_map();
    auto& map = result.as_map();
    map.set("implicit", Value::boolean(facts.implicit));
    map.set("version", text(facts.version));
    map.set("cipher", text(facts.cipher));
    map.set("cipher_std", text(facts.cipher_std));
    map.set("cipher_algbits", Value::integer(facts.cipher_algbits));
    map.set("cipher_usebits", Value::integer(facts.cipher_usebits));
    map.set("group", text(facts.group));
    map.set("sni", facts.sni ? text(*facts.sni) : Value());
    map.set("domain", text(facts.domain));
    map.set("alpn", facts.alpn ? text(*facts.alpn) : Value());
    map.set("resumed", Value::boolean(facts.resumed));
    map.set("handshake_ms", Value::integer(facts.handshake_ms));
    map.set("client", client_map(c.session));
    return call.ok(std::move(result));
}

Outcome ctx_variable(StageContext& c, NativeCall& call) {
    const auto name = call.args[0].as_string();
    const auto* variable = std::ranges::find(variables, name, &Variable::name);
    if (variable == std::end(variables)) {
        std::string known;
        for (const auto& each : variables) known += (known.empty() ? "" : ", ") + std::string(each.name);
        return call.fail(fmt::format("there is no variable '{}'; there are {}", name, known));
    }
    return call.ok(c.session.tls ? variable->read(c.session, certificate_of(c.session)) : Value());
}

Outcome ctx_tls_client_is(StageContext& c, NativeCall& call) {
    const auto what = call.args[0].as_string();
    const bool key = what == "spki";
    if (!key && what != "fingerprint") return call.fail(fmt::format("'{}' is neither 'spki' nor 'fingerprint'", what));
    const auto* certificate = certificate_of(c.session);
    bool found = false;
    for (const Value& each : call.args[1].as_array().items) {
        const std::string digest =
            each.is_string() ? digest_of(key ? "spki-sha256:" : "sha256:", each.as_string()) : std::string();
        if (digest.empty()) return call.fail(fmt::format("{} is no SHA-256 digest in hex", dsl::brief(each)));
        found = found || (certificate && digest == (key ? certificate->spki_fingerprint : certificate->fingerprint));
    }
    return call.ok(Value::boolean(found));
}

Outcome ctx_tls_client_san_in(StageContext& c, NativeCall& call) {
    const auto* certificate = certificate_of(c.session);
    bool found = false;
    for (std::size_t i = 0; certificate && !found && i < certificate->sans.size(); ++i) {
        const std::string_view san = certificate->sans[i];
        const auto colon = san.find(':');
        if (colon == std::string_view::npos) continue;
        found = is_in(call.args[0], text(san.substr(colon + 1)));
    }
    return call.ok(Value::boolean(found));
}

Outcome ctx_tls_failures(StageContext& c, NativeCall& call) {
    const auto window = dsl::lib::parse_duration(call.args[0].as_string());
    if (!window) return call.fail(fmt::format("'{}' is not a length of time", call.args[0].as_string()));
    if (*window > limits::tls_failure_window)
        return call.fail(
            fmt::format("failed handshakes are remembered for {} minutes",
                        std::chrono::duration_cast<std::chrono::minutes>(limits::tls_failure_window).count()));
    auto* const failures = c.session.handshake_failures;
    const auto count =
        failures ? failures->count(c.session.client.address(), *window, std::chrono::steady_clock::now()) : 0;
    return call.ok(Value::integer(static_cast<std::int64_t>(count)));
}

}  // namespace functions

}  // namespace sluice::filter
