// Which certificates clients are asked for, and who must have signed them (tls.md 2.7): the keys `client_ca`,
// `client_crl` and `verify_mode` of the scopes that have them, most specific first. A key is taken from the first scope
// that sets it, each key by itself. Pure but for reading the files.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/tls/problems.hpp"
#include "engine/tls/trust_store.hpp"

namespace sluice::tls {

enum class VerifyMode : std::uint8_t {
    none,      // no certificate is asked for
    optional,  // asked for; whatever comes, or does not come, the session goes on
    require,   // without any the handshake fails; with any the session goes on, as above
};

// What one scope sets.
struct PeerScope {
    std::optional<std::string> client_ca;  // absolute path
    std::vector<std::string> client_crl;   // absolute paths; empty: not set
    std::optional<VerifyMode> verify_mode;
    // Of listener and root: verified peers may relay, or count as logged in. Then it matters who can make one.
    bool verified_is_trusted = false;
    Origin origin;

    [[nodiscard]] bool sets_anything() const noexcept { return client_ca || !client_crl.empty() || verify_mode; }
};

struct PeerPolicy {
    VerifyMode mode = VerifyMode::none;
    std::shared_ptr<const TrustStore> trust;  // null: no CA is configured, nobody is verified
};

class PeerPolicies {
  public:
    // Domain, listener, root; a peer's will stand behind the domain's. Null: that scope sets nothing.
    using Scopes = std::initializer_list<const PeerScope*>;

    // Reads what these scopes come to, unless it has been read already. `granting` is the one whose verified_is_trusted
    // counts; null: none.
    void load(Scopes scopes, const PeerScope* granting, std::vector<Problem>& problems);
    // Of scopes that were loaded.
    [[nodiscard]] PeerPolicy resolve(Scopes scopes) const;

  private:
    struct Effective;
    using Files = std::pair<std::string, std::vector<std::string>>;  // CA, CRLs

    [[nodiscard]] static Effective effective(Scopes scopes);

    std::map<Files, std::shared_ptr<const TrustStore>> stores_;
};

}  // namespace sluice::tls
