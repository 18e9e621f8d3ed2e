// The client side of postfix_keys.hpp.
#include <fmt/format.h>

#include "engine/migrate/postfix_keys.hpp"
#include "engine/migrate/postfix_values.hpp"
#include "engine/migrate/tls_values.hpp"

namespace sluice::migrate::postfix {

namespace {

// Of a policy first, else of main.cf.
struct Chosen {
    std::string text;
    Strings from;
};

Chosen choose(const Settings& settings, const std::string& own, const std::string& name) {
    if (!own.empty()) return {own, {}};
    return {settings.value(name).value_or(""), {name}};
}

void read_match(const Settings& settings, const ClientPolicy& policy, PolicyKeys& to) {
    const auto level = policy.level;
    if (level == "fingerprint") {
        const auto chosen = choose(settings, policy.match, "smtp_tls_fingerprint_cert_match");
        Strings pins;
        for (const auto& digest : split(chosen.text, "|, \t")) {
            const auto both = pins_of(digest);
            if (both.empty()) to.problems.push_back(fmt::format("'{}' is no SHA-256 digest", digest));
            pins.insert(pins.end(), both.begin(), both.end());
        }
        if (pins.empty()) to.problems.emplace_back("there is no fingerprint to compare with");
        return to.keys.set("pins", pins, chosen.from);
    }
    if (level != "verify" && level != "secure") return;
    const auto chosen =
        choose(settings, policy.match, level == "verify" ? "smtp_tls_verify_cert_match" : "smtp_tls_secure_cert_match");
    auto names = split(chosen.text, ":, \t");
    if (names.empty()) names = level == "verify" ? Strings{"hostname"} : Strings{"nexthop", "dot-nexthop"};
    to.keys.set("match", names, chosen.from);
}

void read_protocols(const Settings& settings, const ClientPolicy& policy, bool mandatory, PolicyKeys& to) {
    const auto chosen =
        choose(settings, policy.protocols, mandatory ? "smtp_tls_mandatory_protocols" : "smtp_tls_protocols");
    if (chosen.text.empty()) return;
    const auto protocols = protocols_of(chosen.text);
    if (protocols.versions.empty()) return to.problems.push_back(protocols.why);
    if (!protocols.note.empty()) to.notes.push_back(protocols.note);
    to.keys.set("protocol_version", protocols.versions, chosen.from);
}

void read_ciphers(const Settings& settings, const ClientPolicy& policy, bool mandatory, PolicyKeys& to) {
    const auto grade = choose(settings, policy.ciphers, mandatory ? "smtp_tls_mandatory_ciphers" : "smtp_tls_ciphers");
    auto excluded = choose(settings, policy.exclude, "smtp_tls_exclude_ciphers");
    if (mandatory && policy.exclude.empty()) {
        excluded.text += ' ' + settings.value("smtp_tls_mandatory_exclude_ciphers").value_or("");
        excluded.from.emplace_back("smtp_tls_mandatory_exclude_ciphers");
    }
    if (grade.text.empty() && excluded.text.find_first_not_of(' ') == std::string::npos) return;
    const auto word = grade.text.empty() ? std::string("medium") : grade.text;
    const auto list_name = fmt::format("tls_{}_cipherlist", word);
    const auto list = ciphers_of(word, settings.value(list_name).value_or(""), excluded.text);
    if (!list) return to.problems.push_back(fmt::format("there is no grade '{}' of ciphers here", word));
    const auto tried = try_ciphers(*list);
    if (!tried.usable) return to.problems.push_back(tried.text);
    if (!tried.text.empty()) to.notes.push_back(tried.text);
    Strings from = grade.from;
    from.insert(from.end(), excluded.from.begin(), excluded.from.end());
    from.push_back(list_name);
    to.keys.set("ciphers", *list, from);
}

void read_sni(const Settings& settings, const ClientPolicy& policy, PolicyKeys& to) {
    const auto chosen = choose(settings, policy.servername, "smtp_tls_servername");
    if (chosen.text.empty()) return;
    if (chosen.text == "nexthop") return to.problems.push_back("the next hop cannot be sent as server name (sni)");
    to.keys.set("sni", chosen.text == "hostname" ? std::string("auto") : chosen.text, chosen.from);
}

}  // namespace

PolicyKeys policy_keys(const Settings& settings, const ClientPolicy& policy) {
    PolicyKeys to;
    const auto* level = find_level(policy.level);
    if (level == nullptr) {
        to.problems.push_back(fmt::format("'{}' is no TLS security level", policy.level));
        return to;
    }
    const Strings from{"smtp_tls_security_level"};
    to.keys.set("mode", std::string(level->mode), from);
    if (level->mode == "none") return to;
    to.keys.set("verify", std::string(level->verify), from);
    if (policy.level == "half-dane") to.notes.emplace_back("half-dane is dane here: TLSA records count in any zone");
    read_match(settings, policy, to);
    read_protocols(settings, policy, level->mandatory, to);
    read_ciphers(settings, policy, level->mandatory, to);
    read_sni(settings, policy, to);
    return to;
}

Sourced client_keys(const Settings& settings) {
    Sourced to;
    if (const auto ca = settings.value("smtp_tls_CAfile"); ca && !ca->empty()) to.set("ca", *ca, {"smtp_tls_CAfile"});
    if (const auto time = settings.value("smtp_starttls_timeout")) {
        if (const auto duration = duration_of(*time))
            to.set("handshake_timeout", *duration, {"smtp_starttls_timeout"});
        else
            settings.refuse("smtp_starttls_timeout", "it is no time", "write it as 300s");
    }
    if (const auto chain = settings.value("smtp_tls_chain_files"); chain && !chain->empty()) {
        const auto pairs = chain_pairs(split(*chain, ", \t"));
        if (pairs.size() == 1) {
            to.set("certificate", pairs[0].certificate, {"smtp_tls_chain_files"});
            if (!pairs[0].private_key.empty()) to.set("private_key", pairs[0].private_key, {"smtp_tls_chain_files"});
        } else {
            settings.refuse("smtp_tls_chain_files", "a delivery scope has one client certificate",
                            "name one as config.delivery.tls.certificate and .private_key");
        }
        return to;
    }
    const auto certificate = settings.value("smtp_tls_cert_file");
    if (!certificate || certificate->empty() || *certificate == "none") {
        settings.notice("smtp_tls_cert_file", "no client certificate is the default");
        settings.notice("smtp_tls_key_file", "there is no certificate for this key");
        return to;
    }
    to.set("certificate", *certificate, {"smtp_tls_cert_file"});
    const auto key = settings.value("smtp_tls_key_file").value_or("");
    if (!key.empty() && key != *certificate) to.set("private_key", key, {"smtp_tls_key_file"});
    settings.carried("smtp_tls_key_file", "config.delivery.tls.private_key");
    return to;
}

}  // namespace sluice::migrate::postfix
