#include "engine/deliver/tls_planner.hpp"

#include <fmt/format.h>

#include <utility>

#include "engine/smtp_client/open_failure.hpp"
#include "engine/tls/name_table.hpp"

namespace sluice::deliver {

namespace {

using smtp_client::TlsMode;
using tls_policy::Extra;
using tls_policy::Level;

std::string key_of(const NextHop& hop) {
    return fmt::format("{} {}", hop.endpoint.address().to_string(), hop.endpoint.port());
}

TlsMode mode_of(Level level) {
    switch (level) {
        case Level::none: return TlsMode::none;
        case Level::opportunistic: return TlsMode::opportunistic;
        case Level::required: break;
    }
    return TlsMode::required;
}

}  // namespace

asio::awaitable<TlsPlan> TlsPlanner::ask(const NextHop& hop, StsAge age) const {
    DaneFinding dane;
    if (policy_.dane != Extra::off && around_.tls->validating())
        dane = co_await find_dane(*around_.resolver, hop.name, hop.endpoint.port());
    sts::PolicyAnswer sts;
    const bool has_policy = dane.state != DaneState::usable && policy_.mta_sts != Extra::off && target_.by_mx;
    if (has_policy && around_.find_sts) sts = co_await around_.find_sts(target_.domain, age);
    co_return plan_tls({policy_, target_.domain, hop.name, dane, sts});
}

asio::awaitable<HostTls> TlsPlanner::plan(const NextHop& hop, bool mx_secure, StsAge age) const {
    HostTls host;
    host.plan = co_await ask(hop, age);
    if (host.plan.refusal) host.refusal = *host.plan.refusal;
    if (target_.tunnel) host.plan.level = Level::required;
    add_requiretls(host, hop, mx_secure);
    if (!host.refusal) fill(host, hop);
    co_return host;
}

// RFC 8689 4.2.1. A host on this machine is part of how the administrator delivers.
void TlsPlanner::add_requiretls(HostTls& host, const NextHop& hop, bool mx_secure) const {
    if (!target_.requiretls || host.refusal) return;
    auto wanted = policy_.requiretls;
    const bool unset = policy_.sources.at("requiretls").scope == tls_policy::Scope::built_in;
    if (unset && hop.endpoint.address().is_loopback()) wanted = tls_policy::RequireTls::opportunistic;
    TlsPlan& plan = host.plan;
    switch (wanted) {
        case tls_policy::RequireTls::off: return;
        case tls_policy::RequireTls::opportunistic: host.requiretls = smtp_client::RequireTls::if_offered; return;
        case tls_policy::RequireTls::starttls: host.requiretls = smtp_client::RequireTls::if_offered; break;
        case tls_policy::RequireTls::enforce: host.requiretls = smtp_client::RequireTls::demanded; break;
    }
    plan.level = Level::required;
    plan.fallback = false;
    if (wanted != tls_policy::RequireTls::enforce) return;
    const bool host_is_right = !target_.by_mx || mx_secure || plan.sts_enforced;
    if (!host_is_right) {
        host.refusal = kNotVerified;
        host.refused_for_good = true;
        host.detail = "the mail exchangers are proven neither by DNSSEC nor by MTA-STS";
    }
    if (plan.demand != tls::Demand::nothing && plan.demand != tls::Demand::chain) return;
    plan.demand = tls::Demand::host;
    plan.names = {tls::normalised_name(hop.name)};
}

void TlsPlanner::fill(HostTls& host, const NextHop& hop) const {
    const TlsPlan& plan = host.plan;
    smtp_client::TlsPolicy& policy = host.policy;
    policy.mode = target_.tunnel ? TlsMode::tunnel : mode_of(plan.level);
    policy.fallback = plan.fallback;
    policy.fallback_new_connection = policy_.fallback_new_connection;
    if (policy_.sources.at("handshake_timeout").scope != tls_policy::Scope::built_in)
        host.handshake_timeout = policy_.handshake_timeout;
    const bool may_skip = plan.level == Level::opportunistic && plan.fallback;
    if (may_skip && around_.memory->is_broken(key_of(hop))) policy.mode = TlsMode::none;
    if (policy.mode == TlsMode::none) return;
    OutboundTls::Material material = around_.tls->material(policy_);
    const bool trust_is_missing = !material.trust && plan.demand != tls::Demand::nothing &&
                                  plan.demand != tls::Demand::pin && plan.demand != tls::Demand::tlsa;
    if (material.error.empty() && trust_is_missing) material.error = "no trusted certification authority is configured";
    if (!material.error.empty()) {
        host.refusal = smtp_client::kMisconfigured;
        host.detail = std::move(material.error);
        return;
    }
    policy.context = std::move(material.context);
    policy.requirement = {
        plan.demand, tls::PeerRole::server, std::move(material.trust), plan.names, plan.common_name, {}, plan.tlsa};
    for (const std::string& pin : policy_.pins)
        if (const auto parsed = tls::parse_pin(pin)) policy.requirement.pins.push_back(*parsed);
    policy.server_name = plan.sni;
    if (!policy_.session_cache) return;
    policy.sessions = around_.memory->sessions();
    policy.session_key = policy_.fingerprint() + std::string(to_string(plan.by));
}

void TlsPlanner::note_broken(const NextHop& hop) const { around_.memory->broken(key_of(hop), policy_.remember_broken); }

}  // namespace sluice::deliver
