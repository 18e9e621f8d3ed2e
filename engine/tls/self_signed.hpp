// Makes self-signed certificates: for tests, for `sluice cert self-signed`, and so that STARTTLS can be tried right
// after the installation.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/tls/problems.hpp"

namespace sluice::tls {

enum class SelfSignedKey : std::uint8_t { ec_p256, rsa_2048 };

struct SelfSignedRequest {
    std::vector<std::string> dns_names;  // at least one; the first is also the common name
    int days = 90;                       // 1 to kLongestDays
    SelfSignedKey key = SelfSignedKey::ec_p256;
    std::chrono::system_clock::time_point now = std::chrono::system_clock::now();
};

constexpr int kLongestDays = 3650;

struct SelfSigned {
    std::string certificate_pem;
    std::string private_key_pem;  // PKCS#8
};

struct SelfSignedResult {
    std::optional<SelfSigned> made;
    std::vector<Problem> problems;
};

// X.509 v3 with the names as SANs, basicConstraints CA:FALSE, key usage for TLS servers, a random serial of 127 bits
// and a start one hour ago (clocks differ).
[[nodiscard]] SelfSignedResult make_self_signed(const SelfSignedRequest& request);

// Writes both files, each by a temporary file and a rename, the key first and with mode 0600. Files that exist are
// replaced. Nothing but the two files is left behind, also after an error.
[[nodiscard]] std::vector<Problem> store_certificate(const SelfSigned& pair, const std::string& certificate_path,
                                                     const std::string& key_path);

}  // namespace sluice::tls
