// What TLS one connection to one host gets: the configured policy, DANE and MTA-STS together, the strictest counts
// (tls.md 4.1, 4.4). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/deliver/dane.hpp"
#include "engine/sts/policies.hpp"
#include "engine/tls/verify.hpp"
#include "engine/tls_policy/scopes.hpp"

namespace sluice::deliver {

// Which of them decided; `outbound_tls` of the log.
enum class PlannedBy : std::uint8_t { none, configuration, dane, mta_sts };
[[nodiscard]] std::string_view to_string(PlannedBy by) noexcept;  // "none", "static", "dane", "sts"

struct TlsPlan {
    // This host gets no mail now: a text of tls.md 4.11.
    std::optional<std::string_view> refusal;
    tls_policy::Level level = tls_policy::Level::opportunistic;
    tls::Demand demand = tls::Demand::nothing;
    std::vector<std::string> names;  // for Demand::host, and usage 2 of tlsa
    bool common_name = true;
    std::vector<tls::TlsaRecord> tlsa;
    std::optional<std::string> sni;  // empty: none; nullopt: the host's name
    bool fallback = true;            // to clear text after a failed negotiation
    PlannedBy by = PlannedBy::none;
    bool sts_enforced = false;  // the exchange is one of a policy in the mode enforce
    std::string sts_violation;  // testing mode: what enforce would have refused; for reports
};

struct PlanInput {
    const tls_policy::Effective& policy;
    std::string_view domain;  // of the recipient, or the next hop that was configured
    std::string_view host;    // the mail exchanger; equal to `domain` where there is none
    const DaneFinding& dane;
    const sts::PolicyAnswer& sts;
};
[[nodiscard]] TlsPlan plan_tls(const PlanInput& input);

}  // namespace sluice::deliver
