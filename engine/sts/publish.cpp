#include "engine/sts/publish.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/sts/checksum.hpp"
#include "engine/sts/mx_match.hpp"
#include "engine/tls/name_table.hpp"
#include "grammar/sts/limits.hpp"
#include "grammar/sts/sts_record.hpp"
#include "grammar/sts/tls_report_record.hpp"

namespace sluice::sts {

namespace {

using Sentences = std::vector<std::string>;

Policy wanted_policy(const OwnDomain& own) {
    Policy policy{own.mode, {}, own.max_age};
    for (const std::string& host : own.mx) {
        std::string name = tls::normalised_name(host);
        if (std::find(policy.mx.begin(), policy.mx.end(), name) == policy.mx.end())
            policy.mx.push_back(std::move(name));
    }
    return policy;
}

std::string text_of(const Policy& policy) {
    std::string text;
    for (const std::string& line : grammar::sts::policy_lines(policy)) text += line + "\r\n";
    return text;
}

bool names(const tls::CertificateInfo& certificate, const std::string& host) {
    return std::any_of(certificate.names.begin(), certificate.names.end(),
                       [&](const std::string& name) { return matches(name, host); });
}

// Others see the host as they would a stranger's: SAN, date, a CA they know.
void check_certificates(const OwnDomain& own, const std::string& host, Sentences& wrong) {
    const tls::CertificateInfo* best = nullptr;
    for (const tls::CertificateInfo& each : own.certificates) {
        if (!names(each, host)) continue;
        const bool usable = each.expires_in_s > 0 && !each.self_signed;
        if (usable) return;
        best = &each;
    }
    if (best == nullptr) {
        wrong.push_back(
            fmt::format("no certificate of this server has the DNS name {}, which is an MX of {}", host, own.domain));
    } else if (best->expires_in_s <= 0) {
        wrong.push_back(fmt::format("the certificate for {} has expired ({})", host, best->not_after));
    } else {
        wrong.push_back(fmt::format("the certificate for {} is self-signed: nobody trusts it", host));
    }
}

void check_wishes(const OwnDomain& own, const Policy& policy, Sentences& wrong) {
    if (policy.mx.empty() && policy.mode != PolicyMode::none) {
        wrong.push_back(fmt::format("{} has no MX record, so there is nothing to name", own.domain));
        return;
    }
    const grammar::sts::ParsedPolicy parsed = grammar::sts::parse_policy(text_of(policy));
    if (!parsed.error.empty()) wrong.push_back(fmt::format("the policy would not be valid: {}", parsed.error));
    if (policy.mode == PolicyMode::none) return;
    for (const std::string& host : policy.mx) check_certificates(own, host, wrong);
}

void check_sts_texts(const OwnDomain& own, const std::vector<std::string>& texts, const std::string& id,
                     Sentences& wrong) {
    const grammar::sts::ParsedStsRecord found = grammar::sts::choose_sts_record(texts);
    if (!found.error.empty()) {
        wrong.push_back(fmt::format("the TXT record of _mta-sts.{} is none: {}", own.domain, found.error));
    } else if (!found.record) {
        wrong.push_back(fmt::format("_mta-sts.{} has no TXT record", own.domain));
    } else if (found.record->id != id) {
        wrong.push_back(fmt::format("_mta-sts.{} has the id {} instead of {}", own.domain, found.record->id, id));
    }
}

void check_report_texts(const OwnDomain& own, const std::vector<std::string>& texts, Sentences& wrong) {
    const grammar::sts::ParsedTlsReportRecord found = grammar::sts::choose_tls_report_record(texts);
    if (!found.error.empty()) {
        wrong.push_back(fmt::format("the TXT record of _smtp._tls.{} is none: {}", own.domain, found.error));
    } else if (!found.record && !own.reports.empty()) {
        wrong.push_back(fmt::format("_smtp._tls.{} has no TXT record: nobody will report", own.domain));
    }
}

void check_policy_file(const OwnDomain& own, const Policy& policy, const std::string& file, Sentences& wrong) {
    const grammar::sts::ParsedPolicy found = grammar::sts::parse_policy(file);
    if (!found.error.empty()) {
        wrong.push_back(fmt::format("the published policy is none: {}", found.error));
        return;
    }
    const Policy& there = found.policy;
    if (there.mode != policy.mode) {
        wrong.push_back(fmt::format("the published policy has the mode {} instead of {}", to_string(there.mode),
                                    to_string(policy.mode)));
    }
    if (there.max_age != policy.max_age) {
        wrong.push_back(
            fmt::format("the published policy has the max_age {} instead of {}", there.max_age, policy.max_age));
    }
    for (const std::string& host : policy.mx) {
        if (!matches_any(there.mx, host) && there.mode != PolicyMode::none)
            wrong.push_back(
                fmt::format("the published policy does not allow {}, which is an MX of {}", host, own.domain));
    }
    for (const std::string& pattern : there.mx) {
        const bool used = std::any_of(policy.mx.begin(), policy.mx.end(),
                                      [&](const std::string& host) { return matches(pattern, host); });
        if (!used)
            wrong.push_back(fmt::format("the published policy allows {}, which is no MX of {}", pattern, own.domain));
    }
}

}  // namespace

Publication publication(const OwnDomain& own, const Published& published) {
    OwnDomain known = own;
    known.domain = tls::normalised_name(own.domain);
    const Policy policy = wanted_policy(known);
    Publication result;
    result.policy_file = text_of(policy);
    result.url = fmt::format("https://mta-sts.{}/.well-known/mta-sts.txt", known.domain);
    const std::string id = fmt::format("{:08x}", checksum(result.policy_file));
    result.texts.push_back({fmt::format("_mta-sts.{}.", known.domain), fmt::format("v=STSv1; id={};", id)});
    Sentences& wrong = result.disagreements;
    if (!known.reports.empty()) {
        result.texts.push_back(
            {fmt::format("_smtp._tls.{}.", known.domain), fmt::format("v=TLSRPTv1; rua={}", known.reports)});
        const auto parsed = grammar::sts::parse_tls_report_record(result.texts.back().text);
        if (!parsed.record) wrong.push_back(fmt::format("reports cannot go to '{}': {}", known.reports, parsed.error));
    }
    check_wishes(known, policy, wrong);
    if (published.sts_texts) check_sts_texts(known, *published.sts_texts, id, wrong);
    if (published.policy_file) check_policy_file(known, policy, *published.policy_file, wrong);
    if (published.report_texts) check_report_texts(known, *published.report_texts, wrong);
    return result;
}

std::string print(const Publication& publication) {
    std::string out;
    for (const Publication::Text& each : publication.texts)
        out += fmt::format("{} IN TXT \"{}\"\n", each.name, each.text);
    out += fmt::format("\n{}\n", publication.url);
    std::string_view rest = publication.policy_file;
    while (!rest.empty()) {
        const std::size_t end = rest.find("\r\n");
        out += fmt::format("  {}\n", rest.substr(0, end));
        rest.remove_prefix(end + 2);
    }
    if (!publication.disagreements.empty()) out += '\n';
    for (const std::string& each : publication.disagreements) out += fmt::format("disagrees: {}\n", each);
    return out;
}

}  // namespace sluice::sts
