// Asks what has to be asked for the TLS of one connection (TLSA records, the MTA-STS policy), and puts the answers and
// the configuration into what engine/smtp_client takes. One for each destination; channels ask it once a connection.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/deliver/next_hops.hpp"
#include "engine/deliver/outbound_tls.hpp"
#include "engine/deliver/tls_memory.hpp"
#include "engine/deliver/tls_plan.hpp"
#include "engine/dns/resolver.hpp"
#include "engine/smtp_client/options.hpp"

namespace sluice::deliver {

inline constexpr std::string_view kNotVerified = "550 5.7.10 [internal] REQUIRETLS: server certificate not verified";

// The MTA-STS policy of a domain.
enum class StsAge : std::uint8_t { any, fresh };  // fresh: fetched anew, unless that was tried a moment ago
using FindSts = std::function<asio::awaitable<sts::PolicyAnswer>(std::string domain, StsAge age)>;

struct HostTls {
    smtp_client::TlsPolicy policy;
    smtp_client::RequireTls requiretls = smtp_client::RequireTls::off;
    std::optional<std::chrono::milliseconds> handshake_timeout;
    TlsPlan plan;
    std::optional<std::string> refusal;  // the host gets no mail: the reply text
    bool refused_for_good = false;
    std::string detail;  // behind the refusal, for the log
};

class TlsPlanner {
  public:
    struct Surroundings {
        std::shared_ptr<const OutboundTls> tls;
        std::shared_ptr<TlsMemory> memory;
        std::shared_ptr<dns::Resolver> resolver;
        FindSts find_sts;  // empty: nobody has a policy
    };
    struct Target {
        std::string domain;       // of the recipients, or the configured next hop
        bool by_mx = true;        // false: one host that was named, for which there is no MTA-STS
        bool requiretls = false;  // of the message (RFC 8689)
        bool tunnel = false;      // TLS from the first byte
    };
    TlsPlanner(Surroundings around, Target target, tls_policy::Effective policy)
        : around_(std::move(around)), target_(std::move(target)), policy_(std::move(policy)) {}

    // `mx_secure`: the exchanges themselves were proven by DNSSEC.
    [[nodiscard]] asio::awaitable<HostTls> plan(const NextHop& hop, bool mx_secure, StsAge age = StsAge::any) const;

    [[nodiscard]] const tls_policy::Effective& policy() const noexcept { return policy_; }
    [[nodiscard]] const std::string& domain() const noexcept { return target_.domain; }
    // A negotiation with the host has failed and clear text was used instead.
    void note_broken(const NextHop& hop) const;

  private:
    [[nodiscard]] asio::awaitable<TlsPlan> ask(const NextHop& hop, StsAge age) const;
    void add_requiretls(HostTls& host, const NextHop& hop, bool mx_secure) const;
    void fill(HostTls& host, const NextHop& hop) const;

    Surroundings around_;
    Target target_;
    tls_policy::Effective policy_;
};

}  // namespace sluice::deliver
