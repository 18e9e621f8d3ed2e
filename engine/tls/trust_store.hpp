// Certification authorities that are trusted, and the lists of certificates that they have withdrawn: `ca`,
// `client_ca`, `ca_crl`, `client_crl` of the configuration (tls.md 1). Immutable once loaded, shared by all connections
// of a policy.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tls/certificate_info.hpp"
#include "engine/tls/problems.hpp"

namespace sluice::tls {

inline constexpr std::string_view kSystemBundle = "/etc/ssl/certs/ca-certificates.crt";

class TrustStore {
  public:
    struct Loaded {
        std::shared_ptr<const TrustStore> store;  // null exactly if problems has an error
        std::vector<Problem> problems;
    };
    // A PEM file with one CA certificate or more; of a certificate that is in it twice one is kept. `crls`: PEM files
    // of certificate revocation lists; once there is one, every certificate whose issuer has a list is looked up in it,
    // and a list that is out of date makes the check fail.
    [[nodiscard]] static Loaded load(const std::string& path, const std::vector<std::string>& crls,
                                     const Origin& origin);
    // The bundle of the system: kSystemBundle, else the library's default paths (tls.md 7.1).
    // Loaded once per process and shared.
    [[nodiscard]] static Loaded system();

    ~TrustStore();
    TrustStore(const TrustStore&) = delete;

    [[nodiscard]] std::size_t size() const noexcept;  // CA certificates
    // SHA-256 over the certificates and lists: equal for equal content. Part of the session-id context (tls.md 2.6).
    [[nodiscard]] std::string_view digest() const noexcept;
    // Of the CA certificates, for expiry warnings and for the check whether this is the system's bundle.
    [[nodiscard]] const std::vector<CertificateInfo>& certificates() const noexcept;

    struct Impl;  // trust_store_impl.hpp, private to engine/tls
    [[nodiscard]] const Impl& impl() const noexcept { return *impl_; }

  private:
    explicit TrustStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::tls
