#include "engine/deliver/tls_plan.hpp"

#include <algorithm>

#include "engine/tls/name_table.hpp"

namespace sluice::deliver {

namespace {

using tls::Demand;
using tls_policy::Effective;
using tls_policy::Extra;
using tls_policy::Level;
using tls_policy::Verify;

constexpr std::string_view kLookupFailed = "451 4.7.5 [internal] TLSA lookup failed";
constexpr std::string_view kNoTlsa = "451 4.7.5 [internal] DANE required but no usable TLSA record";
constexpr std::string_view kNotListed = "451 4.7.5 [internal] MX host not in MTA-STS policy";
constexpr std::string_view kNoSts = "451 4.7.5 [internal] MTA-STS policy required but not available";

Demand demand_of(Verify verify) {
    switch (verify) {
        case Verify::ca: return Demand::chain;
        case Verify::host: return Demand::host;
        case Verify::pin: return Demand::pin;
        case Verify::no:
        case Verify::optional: break;
    }
    return Demand::nothing;
}

std::vector<std::string> names_of(const PlanInput& input) {
    std::vector<std::string> names;
    for (const std::string& item : input.policy.match) {
        if (item == "nexthop")
            names.push_back(tls::normalised_name(input.domain));
        else if (item == "dot-nexthop")
            names.push_back("." + tls::normalised_name(input.domain));
        else if (item == "hostname")
            names.push_back(tls::normalised_name(input.host));
        else
            names.push_back(tls::normalised_name(item));
    }
    return names;
}

std::optional<std::string> sni_of(const Effective& policy) {
    if (policy.sni == "auto") return std::nullopt;
    return policy.sni == "none" ? std::string() : policy.sni;
}

TlsPlan configured(const PlanInput& input) {
    TlsPlan plan;
    plan.level = input.policy.level();
    plan.demand = demand_of(input.policy.verify);
    plan.names = names_of(input);
    plan.sni = sni_of(input.policy);
    plan.fallback = input.policy.fallback;
    plan.by = plan.level == Level::none ? PlannedBy::none : PlannedBy::configuration;
    return plan;
}

TlsPlan refused(TlsPlan plan, std::string_view text, PlannedBy by) {
    plan.refusal = text;
    plan.by = by;
    return plan;
}

void apply_tlsa(TlsPlan& plan, const PlanInput& input) {
    plan.level = Level::required;
    plan.fallback = false;
    plan.by = PlannedBy::dane;
    plan.sni = input.dane.base;
    if (input.dane.state != DaneState::usable) return;
    plan.demand = Demand::tlsa;
    plan.tlsa = input.dane.records;
    // RFC 7672 3.2.2: the TLSA base domain, or the next hop.
    plan.names = {tls::normalised_name(input.dane.base), tls::normalised_name(input.domain)};
}

// Chain and name of the exchange must be right; a configuration that asks for more than that stays (pins, or names that
// forged DNS cannot choose).
void apply_sts(TlsPlan& plan, const PlanInput& input) {
    plan.level = Level::required;
    plan.fallback = false;
    plan.by = PlannedBy::mta_sts;
    plan.sts_enforced = true;
    if (plan.demand == Demand::pin) return;
    const auto& match = input.policy.match;
    const bool own_names =
        plan.demand == Demand::host && std::find(match.begin(), match.end(), "hostname") == match.end();
    plan.demand = Demand::host;
    plan.common_name = false;
    if (!own_names) plan.names = {tls::normalised_name(input.host)};
}

}  // namespace

TlsPlan plan_tls(const PlanInput& input) {
    const Effective& policy = input.policy;
    TlsPlan plan = configured(input);
    const bool dane_counts = policy.dane != Extra::off;
    if (dane_counts && input.dane.state == DaneState::failed)
        return refused(std::move(plan), kLookupFailed, PlannedBy::dane);
    if (policy.dane == Extra::require && input.dane.state != DaneState::usable)
        return refused(std::move(plan), kNoTlsa, PlannedBy::dane);
    const bool tlsa = dane_counts && (input.dane.state == DaneState::usable || input.dane.state == DaneState::unusable);
    if (tlsa) apply_tlsa(plan, input);
    if (plan.demand == Demand::tlsa || policy.mta_sts == Extra::off) return plan;
    const bool is_enforced = input.sts.mode == sts::PolicyMode::enforce;
    if (policy.mta_sts == Extra::require && !is_enforced) return refused(std::move(plan), kNoSts, PlannedBy::mta_sts);
    if (input.sts.mode == sts::PolicyMode::none) return plan;
    const bool listed = input.sts.allows(input.host);
    if (is_enforced) {
        if (!listed) return refused(std::move(plan), kNotListed, PlannedBy::mta_sts);
        apply_sts(plan, input);
        return plan;
    }
    // Testing: at least opportunistic, and what enforce would refuse is reported only.
    plan.level = std::max(plan.level, Level::opportunistic);
    if (!listed) plan.sts_violation = kNotListed;
    if (plan.by != PlannedBy::dane) plan.by = PlannedBy::mta_sts;
    return plan;
}

std::string_view to_string(PlannedBy by) noexcept {
    switch (by) {
        case PlannedBy::none: return "none";
        case PlannedBy::configuration: return "static";
        case PlannedBy::dane: return "dane";
        case PlannedBy::mta_sts: break;
    }
    return "sts";
}

}  // namespace sluice::deliver
