// The server side of postfix_keys.hpp.
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "engine/migrate/postfix_keys.hpp"
#include "engine/migrate/postfix_values.hpp"
#include "engine/migrate/tls_values.hpp"

namespace sluice::migrate::postfix {

namespace {

// smtpd_use_tls and smtpd_enforce_tls count where the level is empty.
std::string read_level(const Settings& settings, Sourced& to, bool implicit) {
    auto level = settings.value("smtpd_tls_security_level").value_or("");
    Strings from{"smtpd_tls_security_level"};
    if (level.empty()) {
        const bool enforced = settings.is_yes("smtpd_enforce_tls");
        level = enforced ? "encrypt" : settings.is_yes("smtpd_use_tls") ? "may" : "none";
        from = {"smtpd_tls_security_level", "smtpd_enforce_tls", "smtpd_use_tls"};
    }
    const auto* security = level == "none"      ? "none"
                           : level == "may"     ? "opportunistic"
                           : level == "encrypt" ? "required"
                                                : nullptr;
    if (security == nullptr)
        settings.refuse("smtpd_tls_security_level", fmt::format("'{}' is no level of a server", level),
                        "it may be none, may or encrypt");
    else if (!implicit)
        to.set("security", std::string(security), from);
    return level;
}

void read_protocols(const Settings& settings, Sourced& to, const char* name) {
    const auto written = settings.value(name);
    if (!written || written->empty()) return;
    const auto protocols = protocols_of(*written);
    if (protocols.versions.empty()) return settings.refuse(name, protocols.why, "name versions, as in >=TLSv1.2");
    if (!protocols.note.empty()) settings.notice(name, protocols.note);
    to.set("protocol_version", protocols.versions, {name});
}

void read_ciphers(const Settings& settings, Sourced& to, bool mandatory) {
    const std::string grade_name = mandatory ? "smtpd_tls_mandatory_ciphers" : "smtpd_tls_ciphers";
    const auto grade = settings.value(grade_name);
    auto excluded = settings.value("smtpd_tls_exclude_ciphers").value_or("");
    if (mandatory) excluded += ' ' + settings.value("smtpd_tls_mandatory_exclude_ciphers").value_or("");
    if (!grade && excluded.find_first_not_of(' ') == std::string::npos) return;
    const auto list_name = fmt::format("tls_{}_cipherlist", grade.value_or("medium"));
    const auto list = ciphers_of(grade.value_or("medium"), settings.value(list_name).value_or(""), excluded);
    if (!list) return settings.refuse(grade_name, "there is no such grade of ciphers here", "write high or medium");
    Strings from{grade_name, list_name, "smtpd_tls_exclude_ciphers"};
    if (mandatory) from.emplace_back("smtpd_tls_mandatory_exclude_ciphers");
    const auto tried = try_ciphers(*list);
    for (const auto& name : from) {
        if (!tried.usable)
            settings.refuse(name, tried.text, tried.hint);
        else if (!tried.text.empty())
            settings.notice(name, tried.text, tried.hint);
    }
    if (tried.usable) to.set("ciphers", *list, from);
}

void read_client_certificates(const Settings& settings, Sourced& to, bool mandatory) {
    const bool requires_one = settings.is_yes("smtpd_tls_req_ccert");
    const auto ca = settings.value("smtpd_tls_CAfile");
    if (!requires_one && !settings.is_yes("smtpd_tls_ask_ccert")) {
        settings.notice("smtpd_tls_CAfile", "no client is asked for a certificate, so there is nothing to verify",
                        "certificates of the chain belong into the file of the certificate");
        settings.notice("smtpd_tls_ask_ccert", "already so");
        settings.notice("smtpd_tls_req_ccert", "already so");
        return;
    }
    if (ca && !ca->empty()) to.set("client_ca", *ca, {"smtpd_tls_CAfile"});
    to.set("verify_mode", std::string(requires_one && mandatory ? "require" : "optional"),
           {"smtpd_tls_ask_ccert", "smtpd_tls_req_ccert"});
    if (requires_one && mandatory)
        settings.refuse("smtpd_tls_req_ccert",
                        "verify_mode \"require\" refuses clients without a certificate; one that cannot be verified is "
                        "a fact for rules, where Postfix ends the session",
                        "refuse at mail unless ctx::tls().client.verified");
}

std::string text_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Sourced inbound_keys(const Settings& settings, bool implicit) {
    Sourced to;
    const auto level = read_level(settings, to, implicit);
    const bool mandatory = implicit || level == "encrypt";
    read_protocols(settings, to, mandatory ? "smtpd_tls_mandatory_protocols" : "smtpd_tls_protocols");
    read_ciphers(settings, to, mandatory);
    read_client_certificates(settings, to, mandatory);
    if (const auto time = settings.value("smtpd_starttls_timeout")) {
        if (const auto duration = duration_of(*time))
            to.set("handshake_timeout", *duration, {"smtpd_starttls_timeout"});
        else
            settings.refuse("smtpd_starttls_timeout", "it is no time", "write it as 300s");
    }
    return to;
}

Sourced server_keys(const Settings& settings) {
    Sourced to;
    if (settings.value("tls_preempt_cipherlist"))
        to.set("preempt_cipherlist", settings.is_yes("tls_preempt_cipherlist"), {"tls_preempt_cipherlist"});
    if (settings.value("smtpd_tls_received_header"))
        to.set("received_header", std::string(settings.is_yes("smtpd_tls_received_header") ? "full" : "none"),
               {"smtpd_tls_received_header"});
    if (const auto time = settings.value("smtpd_tls_session_cache_timeout")) {
        if (const auto duration = duration_of(*time))
            to.set("session_timeout", *duration, {"smtpd_tls_session_cache_timeout"});
        else
            settings.refuse("smtpd_tls_session_cache_timeout", "it is no time", "write it as 3600s");
    }
    if (const auto curves = settings.value("tls_eecdh_auto_curves"); curves && !curves->empty()) {
        Strings groups;
        for (const auto& curve : split(*curves, ", \t:")) {
            if (try_groups({curve}).usable)
                groups.push_back(curve);
            else
                settings.notice("tls_eecdh_auto_curves", fmt::format("{} is not in this TLS library", curve));
        }
        if (groups.empty())
            settings.refuse("tls_eecdh_auto_curves", "none of these groups is in this TLS library",
                            "name X25519, P-256 or P-384");
        else
            to.set("groups", groups, {"tls_eecdh_auto_curves"});
    }
    return to;
}

std::vector<CertificatePair> chain_pairs(const Strings& files) {
    std::vector<CertificatePair> pairs;
    std::string key;
    for (const auto& file : files) {
        const auto text = text_of(file);
        const bool has_key = text.find("PRIVATE KEY-----") != std::string::npos;
        const bool has_certificate = text.find("BEGIN CERTIFICATE-----") != std::string::npos;
        // Unreadable here: the order of Postfix' manual, one file with both or key and certificate in turns.
        const bool alone = has_key || has_certificate ? has_key && has_certificate : files.size() == 1;
        const bool is_key = has_key || has_certificate ? has_key : key.empty() && files.size() % 2 == 0;
        if (alone) {
            pairs.push_back({file, ""});
        } else if (is_key && key.empty()) {
            key = file;
        } else if (!is_key && !key.empty()) {
            pairs.push_back({file, key});
            key.clear();
        } else {
            return {};
        }
    }
    if (!key.empty()) return {};
    return pairs;
}

std::vector<CertificatePair> server_certificates(const Settings& settings, std::string_view told_as) {
    if (const auto chain = settings.value("smtpd_tls_chain_files"); chain && !chain->empty()) {
        auto pairs = chain_pairs(split(*chain, ", \t"));
        if (pairs.empty())
            settings.refuse("smtpd_tls_chain_files", "which of these files hold keys cannot be told",
                            "name each certificate and its key in domain-available/default/config.vsl");
        else
            settings.carried("smtpd_tls_chain_files", told_as);
        for (const auto* name :
             {"smtpd_tls_cert_file", "smtpd_tls_key_file", "smtpd_tls_eccert_file", "smtpd_tls_eckey_file"})
            settings.notice(name, "smtpd_tls_chain_files counts instead");
        return pairs;
    }
    std::vector<CertificatePair> pairs;
    for (const auto& [certificate_name, key_name] :
         {std::pair("smtpd_tls_cert_file", "smtpd_tls_key_file"), {"smtpd_tls_eccert_file", "smtpd_tls_eckey_file"}}) {
        const auto certificate = settings.value(certificate_name);
        if (!certificate || certificate->empty() || *certificate == "none") {
            settings.notice(certificate_name, "there is no certificate to carry over");
            settings.notice(key_name, "there is no certificate for this key");
            continue;
        }
        const auto key = settings.value(key_name).value_or("");
        pairs.push_back({*certificate, key == *certificate ? "" : key});
        settings.carried(certificate_name, told_as);
        settings.carried(key_name, told_as);
    }
    return pairs;
}

}  // namespace sluice::migrate::postfix
