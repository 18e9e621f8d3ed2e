// TLS of delivery as one configuration wants it: the scopes, and for each effective policy what a connection needs of
// files: contexts with our certificate, trusted CAs. Files are read when they are first needed, and all of them when
// the configuration is checked. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/tls/client_context.hpp"
#include "engine/tls/problems.hpp"
#include "engine/tls/trust_store.hpp"
#include "engine/tls_policy/scopes.hpp"

namespace sluice::deliver {

class OutboundTls {
  public:
    // `validating`: the resolver proves what it says (config.server.dns.options.dnssec); without it DANE is off.
    OutboundTls(tls_policy::Scopes scopes, bool validating) : scopes_(std::move(scopes)), validating_(validating) {}

    // Everything that is wrong or doubtful with what is configured (tls.md 3).
    [[nodiscard]] std::vector<tls::Problem> check() const;

    [[nodiscard]] const tls_policy::Scopes& scopes() const noexcept { return scopes_; }
    [[nodiscard]] bool validating() const noexcept { return validating_; }

    struct Material {
        std::shared_ptr<const tls::ClientContext> context;
        std::shared_ptr<const tls::TrustStore> trust;  // null: the system has no bundle, and none is needed
        std::string error;                             // of our own files; empty: none
    };
    [[nodiscard]] Material material(const tls_policy::Effective& policy) const;

  private:
    using Context = tls::ClientContextResult;
    using Trust = tls::TrustStore::Loaded;
    using TrustFiles = std::pair<std::string, std::vector<std::string>>;

    [[nodiscard]] Context context(const tls_policy::Effective& policy) const;
    [[nodiscard]] Trust trust(const tls_policy::Effective& policy) const;

    tls_policy::Scopes scopes_;
    bool validating_;
    mutable std::mutex mutex_;
    mutable std::vector<std::pair<tls::ClientSettings, Context>> contexts_;
    mutable std::vector<std::pair<TrustFiles, Trust>> trusts_;
};

}  // namespace sluice::deliver
