// TLS keys of tls.md 1.1, in the scopes root, listener and domain.
#include <filesystem>
#include <iterator>
#include <tuple>

#include <fmt/format.h>

#include "engine/config/loading.hpp"
#include "engine/config/old_names.hpp"
#include "engine/config/syntax.hpp"
#include "engine/tls/cipher_list.hpp"
#include "engine/tls/protocol_versions.hpp"

namespace sluice::config {

namespace {

// Keys the dialogue itself obeys; scopes root and listener.
void read_dialogue_keys(Reader& keys, smtp::TlsSettings& to) {
    keys.choice("security", to.security,
                {{"none", smtp::TlsSecurity::none},
                 {"opportunistic", smtp::TlsSecurity::opportunistic},
                 {"required", smtp::TlsSecurity::required}});
    keys.duration("handshake_timeout", to.handshake_timeout);
    std::string policy;
    keys.string("starttls_injection_policy", policy);
    if (policy == "allow")
        keys.problem("starttls_injection_policy", "\"allow\" lets clear-text commands run inside TLS (CVE-2011-0411)",
                     "use \"reject\" or \"ignore\"");
    else if (!policy.empty())
        keys.choice("starttls_injection_policy", to.starttls_injection_policy,
                    {{"reject", smtp::InjectionPolicy::reject}, {"ignore", smtp::InjectionPolicy::ignore}});
    keys.boolean("verified_peer_can_relay", to.verified_peer_can_relay);
    keys.not_available("new_sessions_per_minute", "limiting new TLS sessions per client");
}

tls::Origin origin_of(Reader& keys, std::string_view key) {
    const auto [source, span] = keys.place(key);
    if (!source) return {};
    const auto position = source->position(span.begin);
    return {source->name(), position.line, position.column};
}

// Keys of every scope that asks clients for certificates (tls.md 2.7).
void read_peer_keys(Reader& keys, Loading& loading, tls::PeerScope& to) {
    keys.string("client_ca", to.client_ca);
    keys.strings("client_crl", to.client_crl);
    std::string mode;
    keys.string("verify_mode", mode);
    if (!mode.empty())
        keys.choice("verify_mode", to.verify_mode.emplace(),
                    {{"none", tls::VerifyMode::none},
                     {"optional", tls::VerifyMode::optional},
                     {"require", tls::VerifyMode::require}});
    const auto* ca = keys.value("client_ca");
    if (ca && ca->is_string() && !to.client_ca) keys.problem("client_ca", "is empty", "name a PEM file with CAs");
    if (to.client_ca) to.client_ca = loading.resolve(keys, "client_ca", *to.client_ca);
    for (auto& each : to.client_crl) {
        if (each.empty()) keys.problem("client_crl", "is empty", "name a PEM file with a list of revoked certificates");
        each = loading.resolve(keys, "client_crl", each);
    }
    for (const auto* key : {"client_ca", "client_crl", "verify_mode"}) {
        if (!keys.value(key)) continue;
        to.origin = origin_of(keys, key);
        break;
    }
}

void trust_verified_peers(Reader& keys, tls::PeerScope& scope, const smtp::TlsSettings& settings) {
    scope.verified_is_trusted = settings.verified_peer_can_relay || settings.verified_peer_is_authorized;
    if (!scope.verified_is_trusted || scope.sets_anything()) return;
    scope.origin = origin_of(
        keys, settings.verified_peer_is_authorized ? "verified_peer_is_authorized" : "verified_peer_can_relay");
}

void keep(Loading& loading, std::vector<tls::Problem> problems) {
    auto& all = loading.config.tls_problems;
    all.insert(all.end(), std::make_move_iterator(problems.begin()), std::make_move_iterator(problems.end()));
}

// What a listener changes of the handshake (tls.md 1.1, scope L).
void read_listener_policy(Reader& keys, Loading& loading, tls::ListenerPolicy& to) {
    std::vector<std::string> versions;
    keys.strings("protocol_version", versions);
    if (keys.value("protocol_version")) {
        auto translated = tls::translate_versions(versions, origin_of(keys, "protocol_version"));
        to.versions = translated.versions;
        keep(loading, std::move(translated.problems));
    }
    std::optional<std::string> ciphers;
    keys.string("ciphers", ciphers);
    if (ciphers) {
        auto translated = tls::translate_ciphers(*ciphers, origin_of(keys, "ciphers"));
        if (!tls::has_error(translated.problems)) to.ciphers = tls::make_cipher_policy(translated.strict);
        keep(loading, std::move(translated.problems));
    }
    if (keys.value("alpn")) keys.strings("alpn", to.alpn.emplace());
    for (const auto& [key, flag] :
         {std::pair("preempt_cipherlist", &to.preempt_cipherlist), std::pair("session_tickets", &to.session_tickets)})
        if (keys.value(key)) keys.boolean(key, flag->emplace());
    for (const auto* key : {"certificate", "private_key"})
        if (keys.value(key))
            keys.problem(key, "certificates are chosen by SNI, not by listener",
                         "put it into domain-available/default/config.vsl");
}

void check_paths(Reader& keys, Loading& loading, tls::CertificatePair& pair) {
    for (auto* path : {&pair.certificate, &pair.private_key})
        if (!path->empty())
            *path = loading.resolve(keys, path == &pair.certificate ? "certificate" : "private_key", *path);
}

void read_certificate_list(Reader& keys, Loading& loading, tls::DomainSettings& domain,
                           const std::vector<dsl::SourcePtr>& sources) {
    const auto* list = keys.value("certificates");
    if (!list) return;
    if (!list->is_array()) return keys.problem("certificates", "expected a list of #{ certificate, private_key }");
    if (!domain.certificates.empty())
        keys.problem("certificates", "it excludes `certificate` and `private_key`", "keep one of the two forms");
    for (const auto& item : list->as_array().items) {
        if (!item.is_map()) return keys.problem("certificates", "expected a list of #{ certificate, private_key }");
        Context context{loading.diagnostics, sources};
        Reader entry(context, item, keys.path() + ".certificates");
        tls::CertificatePair pair;
        entry.string("certificate", pair.certificate);
        entry.string("private_key", pair.private_key);
        if (pair.certificate.empty()) entry.problem("certificate", "is missing");
        check_paths(entry, loading, pair);
        entry.finish();
        domain.certificates.push_back(pair);
    }
}

}  // namespace

void read_root_tls(Loading& loading, Reader& keys) {
    auto& tls = loading.config.tls;
    loading.config.tls_configured = true;
    accept_old_names(loading, keys, TlsDirection::in);
    read_dialogue_keys(keys, loading.config.smtp.tls);
    read_peer_keys(keys, loading, tls.peers);
    trust_verified_peers(keys, tls.peers, loading.config.smtp.tls);
    if (keys.value("verified_peer_is_authorized"))
        keys.problem("verified_peer_is_authorized", "can be set for a listener only",
                     "write config.server.listener[\"ADDR:PORT\"] = #{ tls: #{ verified_peer_is_authorized: true } }");
    keys.strings("protocol_version", tls.protocol_version);
    std::optional<std::string> ciphers;
    keys.string("ciphers", ciphers);
    keys.strings("cipher_suite", tls.cipher_suite);
    if (ciphers && !tls.cipher_suite.empty())
        keys.problem("ciphers", "`ciphers` and `cipher_suite` say the same thing", "keep one of them");
    if (ciphers) tls.ciphers = *ciphers;
    keys.strings("groups", tls.groups);
    keys.strings("alpn", tls.alpn);
    keys.boolean("preempt_cipherlist", tls.preempt_cipherlist);
    keys.boolean("default_for_unknown_sni", tls.default_for_unknown_sni);
    keys.boolean("match_certificate_names", tls.match_certificate_names);
    keys.boolean("session_tickets", tls.session_tickets);
    keys.seconds("session_timeout", tls.session_timeout);
    keys.seconds("session_ticket_rotation", tls.session_ticket_rotation);
    keys.choice(
        "received_header", loading.config.smtp.received_tls,
        {{"none", smtp::ReceivedTls::none}, {"cipher", smtp::ReceivedTls::cipher}, {"full", smtp::ReceivedTls::full}});
    keys.not_available("expiry_warning", "warnings before certificates expire");
    const auto [source, span] = keys.place("protocol_version");
    if (source) tls.origin = {source->name(), source->position(span.begin).line, source->position(span.begin).column};
    keys.finish();
}

void read_listener_tls(Loading& loading, Reader& listeners) {
    for (const auto& id : listeners.keys()) {
        auto keys = listeners.map(id);
        if (!keys) continue;
        const bool known = std::any_of(loading.config.listeners.begin(), loading.config.listeners.end(),
                                       [&](const auto& l) { return l.id == id; });
        if (!known)
            listeners.problem(id, fmt::format("'{}' is not an address of server.interfaces", id),
                              "write it exactly as it is listed there");
        auto settings = loading.config.smtp.tls;
        if (auto tls = keys->map("tls")) {
            accept_old_names(loading, *tls, TlsDirection::in);
            read_dialogue_keys(*tls, settings);
            read_listener_policy(*tls, loading, settings.policy);
            tls->boolean("verified_peer_is_authorized", settings.verified_peer_is_authorized);
            tls::PeerScope peers;
            read_peer_keys(*tls, loading, peers);
            trust_verified_peers(*tls, peers, settings);
            loading.config.tls.listener_peers[id] = std::move(peers);
            tls->finish();
        }
        keys->finish();
        loading.config.smtp.listener_tls[id] = settings;
    }
}

void read_domain(Loading& loading, Reader& keys, Domain& about, const tls::Origin& origin) {
    bool marked = false;  // a link called `default` has said so already; the key only adds to it
    keys.boolean("is_default", marked);
    about.is_default = about.is_default || marked;
    if (marked) std::tie(about.default_source, about.default_span) = keys.place("is_default");
    keys.not_available("dns", "a resolver per domain");
    keys.not_available("dkim", "DKIM signing");
    auto tls_keys = keys.map("tls");
    keys.finish();
    if (!tls_keys) return;
    tls::DomainSettings domain;
    domain.domain = about.name;
    domain.origin = origin;
    accept_old_names(loading, *tls_keys, TlsDirection::in);
    tls_keys->strings("server_names", domain.server_names);
    tls_keys->strings("protocol_version", domain.protocol_version);
    tls_keys->string("ciphers", domain.ciphers);
    tls_keys->strings("cipher_suite", domain.cipher_suite);
    tls_keys->strings("groups", domain.groups);
    tls::CertificatePair pair;
    tls_keys->string("certificate", pair.certificate);
    tls_keys->string("private_key", pair.private_key);
    if (pair.certificate.starts_with("store:")) tls_keys->not_available("certificate", "the certificate store");
    if (pair.certificate == "none") pair.certificate.clear();
    check_paths(*tls_keys, loading, pair);
    if (!pair.certificate.empty()) domain.certificates.push_back(pair);
    const auto source = tls_keys->place("certificate").first;
    read_certificate_list(*tls_keys, loading, domain,
                          source ? std::vector<dsl::SourcePtr>{source} : std::vector<dsl::SourcePtr>{});
    tls_keys->not_available("ocsp_response", "OCSP stapling");
    read_peer_keys(*tls_keys, loading, domain.peers);
    tls_keys->not_available("expiry_warning", "warnings before certificates expire");
    if (domain.certificates.empty())
        tls_keys->problem("certificate", "is missing", "name a PEM file with the chain, leaf first");
    if (source) domain.origin.line = source->position(tls_keys->place("certificate").second.begin).line;
    tls_keys->finish();
    loading.config.tls_domains.push_back(std::move(domain));
}

}  // namespace sluice::config
