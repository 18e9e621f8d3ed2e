// What a domain of ours has to publish so that others deliver to it over verified TLS (RFC 8461) and report about it
// (RFC 8460), and whatever in MX records, certificates and what is published now does not agree with it. Pure: who asks
// (`sluice tls publish D`) looks all of it up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/sts/cached_policy.hpp"
#include "engine/tls/certificate_info.hpp"

namespace sluice::sts {

struct OwnDomain {
    std::string domain;                              // A-labels
    std::vector<std::string> mx;                     // hosts of its MX records, as the DNS has them
    std::vector<tls::CertificateInfo> certificates;  // leaves that this server shows on port 25
    PolicyMode mode = PolicyMode::testing;           // what is wanted
    std::uint32_t max_age = 604'800;                 // seconds; RFC 8461 3.2 hopes for weeks
    std::string reports;  // "mailto:tls@example.com"; several with commas; empty: none wanted
};

// What the world sees at this moment. nullopt: not looked at.
struct Published {
    std::optional<std::vector<std::string>> sts_texts;     // TXT of _mta-sts.D
    std::optional<std::vector<std::string>> report_texts;  // TXT of _smtp._tls.D
    std::optional<std::string> policy_file;                // of the URL below
};

struct Publication {
    struct Text {
        std::string name;  // with final dot
        std::string text;
        [[nodiscard]] bool operator==(const Text&) const = default;
    };
    std::vector<Text> texts;                 // TXT records
    std::string url;                         // where the policy file has to be
    std::string policy_file;                 // with CR LF
    std::vector<std::string> disagreements;  // one sentence each, without full stop
};

// The id is made of the policy: it changes exactly when the policy does.
[[nodiscard]] Publication publication(const OwnDomain& own, const Published& published);

// For people: the records as a zone file has them, the file, the disagreements.
[[nodiscard]] std::string print(const Publication& publication);

}  // namespace sluice::sts
