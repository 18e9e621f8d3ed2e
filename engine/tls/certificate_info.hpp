// Facts of certificates, for the server snapshot, for `sluice cert show` and `sluice cert list`. No BoringSSL type
// here.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tls/problems.hpp"

namespace sluice::tls {

struct CertificateInfo {
    std::string domain;       // whose certificate it is; empty when read from a file alone
    std::string certificate;  // path
    std::string subject;      // RFC 2253 form
    std::string issuer;
    std::string subject_cn;  // common name; empty: none
    std::string issuer_cn;
    std::string serial;            // hex, upper case
    std::string key_type;          // "RSA-2048", "EC-P-256", "Ed25519"
    std::string fingerprint;       // SHA-256 of the certificate, hex
    std::string spki_fingerprint;  // SHA-256 of the SubjectPublicKeyInfo, hex: the data of a TLSA 3 1 1 record
    std::string not_before;        // ISO 8601 UTC
    std::string not_after;
    std::vector<std::string> names;  // DNS SANs as written
    std::vector<std::string> sans;   // all SANs: "DNS:…", "email:…", "URI:…", "IP:…"
    std::int64_t expires_in_s = 0;   // negative: expired
    bool is_ca = false;              // basicConstraints
    bool self_signed = false;        // issuer and subject are equal
};

struct CertificateInfoResult {
    std::vector<CertificateInfo> chain;  // as in the file, leaf first; empty exactly if there is an error
    std::vector<Problem> problems;
};

// Reads a PEM chain from a file. `now` counts for expires_in_s.
[[nodiscard]] CertificateInfoResult read_certificate_info(
    const std::string& path, std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

}  // namespace sluice::tls
