#include "engine/rehearsal/role_reader.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "dsl/diag/diagnostic.hpp"
#include "dsl/lib/mail_objects.hpp"
#include "dsl/value/operations.hpp"
#include "engine/rehearsal/dns_answers.hpp"

namespace sluice::rehearsal {

namespace {

using dsl::Value;

struct Key {
    std::string_view name;
    std::string (*read)(const Value& value, Role& role);  // what is wrong, or nothing
};

std::string expected(std::string_view what, const Value& value) {
    return fmt::format("expected {}, not {} of type {}", what, dsl::brief(value), dsl::type_name(value));
}

std::string client_ip(const Value& value, Role& role) {
    error_code error;
    const auto text = dsl::lib::text_of(value);
    const auto address = asio::ip::make_address(text, error);
    if (error) return fmt::format("'{}' is not an IP address", text);
    role.client.address(address);
    return {};
}

std::string client_port(const Value& value, Role& role) {
    if (!value.is_int() || value.as_int() < 1 || value.as_int() > 65535) return expected("a port", value);
    role.client.port(static_cast<std::uint16_t>(value.as_int()));
    return {};
}

std::string listener(const Value& value, Role& role) {
    using Kind = smtp::ListenerKind;
    static constexpr std::pair<std::string_view, Kind> kinds[] = {
        {"relay", Kind::relay}, {"submission", Kind::submission}, {"submissions", Kind::submissions}};
    for (const auto& [name, kind] : kinds) {
        if (!value.is_string() || value.as_string() != name) continue;
        role.listener = kind;
        if (kind == Kind::submissions) role.has_certificate = true;
        return {};
    }
    return expected("\"relay\", \"submission\" or \"submissions\"", value);
}

std::string tls_facts(const Value& value, Role& role) {
    role.has_certificate = true;
    return read_tls(value, role.tls);
}

std::string dns_table(const Value& value, Role& role) {
    auto resolver = std::make_shared<dns::FakeResolver>();
    if (auto wrong = read_dns_answers(value, *resolver); !wrong.empty()) return wrong;
    role.resolver = std::move(resolver);
    return {};
}

std::string commands(const Value& value, Role& role) {
    if (!value.is_map()) return expected("a map of programs and exit codes", value);
    for (const auto& [program, code] : value.as_map().entries()) {
        if (!code.is_int() || code.as_int() < 0 || code.as_int() > 255)
            return fmt::format("{}: {}", program.as_string(), expected("an exit code from 0 to 255", code));
        role.exit_codes[std::string(program.as_string())] = static_cast<int>(code.as_int());
    }
    return {};
}

std::string users(const Value& value, Role& role) {
    if (!value.is_map()) return expected("a map of names and passwords", value);
    for (const auto& [name, password] : value.as_map().entries()) {
        if (!password.is_string()) return fmt::format("{}: {}", name.as_string(), expected("a password", password));
        role.passwords[std::string(name.as_string())] = password.as_string();
    }
    return {};
}

constexpr Key keys[] = {{"client_ip", client_ip}, {"client_port", client_port}, {"listener", listener},
                        {"tls", tls_facts},       {"dns", dns_table},           {"commands", commands},
                        {"users", users}};

// Keys of ctx::tls().client that are texts.
constexpr std::pair<std::string_view, std::string tls::CertificateInfo::*> certificate_texts[] = {
    {"subject", &tls::CertificateInfo::subject},       {"issuer", &tls::CertificateInfo::issuer},
    {"subject_cn", &tls::CertificateInfo::subject_cn}, {"issuer_cn", &tls::CertificateInfo::issuer_cn},
    {"serial", &tls::CertificateInfo::serial},         {"fingerprint", &tls::CertificateInfo::fingerprint},
    {"spki", &tls::CertificateInfo::spki_fingerprint}, {"not_before", &tls::CertificateInfo::not_before},
    {"not_after", &tls::CertificateInfo::not_after},
};

std::string certificate_names(const Value& value, tls::CertificateInfo& leaf) {
    if (!value.is_array()) return expected("a list of names", value);
    for (const auto& item : value.as_array().items) {
        if (!item.is_string() || item.as_string().find(':') == std::string_view::npos)
            return expected("a name like \"DNS:mx.example.com\"", item);
        leaf.sans.emplace_back(item.as_string());
        if (item.as_string().starts_with("DNS:")) leaf.names.emplace_back(item.as_string().substr(4));
    }
    return {};
}

std::string certificate_fact(std::string_view key, const Value& value, tls::PeerFacts& peer) {
    if (key == "presented" || key == "verified") {
        if (!value.is_bool()) return expected("true or false", value);
        if (key == "verified") peer.judgement.verified = peer.judgement.chain_verified = value.as_bool();
        if (key == "presented" && !value.as_bool()) peer.leaf.reset();
        return {};
    }
    if (key == "verify_code") {
        if (!value.is_int()) return expected("a number", value);
        peer.judgement.code = static_cast<int>(value.as_int());
        return {};
    }
    if (key == "sans") return certificate_names(value, *peer.leaf);
    if (!value.is_string()) return expected("a string", value);
    if (key == "verify_error") {
        peer.judgement.why = value.as_string();
        return {};
    }
    const auto* known = std::ranges::find(certificate_texts, key, [](const auto& each) { return each.first; });
    if (known == std::end(certificate_texts))
        return "a certificate has no such fact: they are those of ctx::tls().client";
    (*peer.leaf).*(known->second) = value.as_string();
    return {};
}

std::string client_certificate(const Value& value, tls::Facts& facts) {
    if (!value.is_map()) return expected("a map of facts of the client's certificate", value);
    tls::PeerFacts peer;
    const auto* presented = value.as_map().find("presented");
    const bool none = presented && presented->is_bool() && !presented->as_bool();
    peer.leaf.emplace();
    peer.judgement.fault = none ? tls::PeerFault::no_certificate : tls::PeerFault::not_trusted;
    for (const auto& [key, fact] : value.as_map().entries()) {
        if (none && key.as_string() != "presented")
            return "without a certificate (presented: false) there is nothing else";
        if (const auto wrong = certificate_fact(key.as_string(), fact, peer); !wrong.empty())
            return fmt::format("{}: {}", key.as_string(), wrong);
    }
    if (peer.judgement.verified) peer.judgement.fault = tls::PeerFault::none;
    if (!peer.judgement.verified && peer.judgement.why.empty())
        peer.judgement.why = none ? "no certificate" : "unable to get local issuer certificate";
    if (peer.judgement.verified && !peer.judgement.why.empty()) return "what is verified has no verify_error";
    facts.peer = std::make_shared<const tls::PeerFacts>(std::move(peer));
    return {};
}

std::string fact(std::string_view key, const Value& value, tls::Facts& facts) {
    if (key == "resumed") {
        if (!value.is_bool()) return expected("true or false", value);
        facts.resumed = value.as_bool();
        return {};
    }
    if (key == "client") return client_certificate(value, facts);
    if (!value.is_string()) return expected("a string", value);
    const std::string text(value.as_string());
    if (key == "sni") {
        facts.sni = text;
        facts.domain = text;
    } else if (key == "version") {
        facts.version = text;
    } else if (key == "cipher") {
        facts.cipher = facts.cipher_std = text;
    } else if (key == "alpn") {
        facts.alpn = text;
    } else if (key == "domain") {
        facts.domain = text;
    } else {
        return "no such fact: they are sni, version, cipher, domain, alpn, resumed and client";
    }
    return {};
}

std::string unknown_key(std::string_view name) {
    std::vector<std::string_view> names;
    for (const auto& key : keys) names.push_back(key.name);
    const auto near = dsl::did_you_mean(name, names);
    return near.empty() ? fmt::format("a session has no '{}'; it has {}", name, fmt::join(names, ", "))
                        : fmt::format("a session has no '{}': did you mean '{}'?", name, near);
}

}  // namespace

std::string read_tls(const Value& description, tls::Facts& facts) {
    facts = ordinary_tls("");
    if (description.is_true()) return {};
    if (!description.is_map()) return expected("true or a map", description);
    for (const auto& [key, value] : description.as_map().entries())
        if (const auto wrong = fact(key.as_string(), value, facts); !wrong.empty())
            return fmt::format("{}: {}", key.as_string(), wrong);
    return {};
}

std::string read_role(const Value& description, Role& role) {
    role.tls = ordinary_tls("");
    for (const auto& [name, value] : description.as_map().entries()) {
        const auto* key = std::ranges::find(keys, name.as_string(), &Key::name);
        if (key == std::end(keys)) return unknown_key(name.as_string());
        if (const auto wrong = key->read(value, role); !wrong.empty())
            return fmt::format("{}: {}", name.as_string(), wrong);
    }
    return {};
}

}  // namespace sluice::rehearsal
