#include "engine/dns/resolver_plan.hpp"

#include <algorithm>
#include <cassert>
#include <span>

#include "engine/dns/socket_address.hpp"

namespace sluice::dns {

namespace {

constexpr std::uint16_t dns_port = 53;

constexpr const char* google[] = {"8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844"};
constexpr const char* cloudflare[] = {"1.1.1.1", "1.0.0.1", "2606:4700:4700::1111", "2606:4700:4700::1001"};

void add_servers(ResolverPlan& plan, std::span<const char* const> addresses) {
    for (const char* const address : addresses) plan.servers.emplace_back(asio::ip::make_address(address), dns_port);
}

void add_search(ResolverPlan& plan, const std::string& text) {
    if (text.empty()) return;
    const auto name = Name::parse_international(text);
    assert(name.ok());
    const Name domain = name->absolute();
    if (!domain.is_root() && std::find(plan.search.begin(), plan.search.end(), domain) == plan.search.end())
        plan.search.push_back(domain);
}

void add_custom(ResolverPlan& plan, const CustomConfig& config) {
    add_search(plan, config.domain);
    for (const std::string& name : config.search) add_search(plan, name);
    plan.tcp_only = true;
    for (const NameServer& server : config.name_servers) {
        const auto address = parse_socket_address(server.socket_addr);
        assert(address);
        if (std::find(plan.servers.begin(), plan.servers.end(), *address) == plan.servers.end())
            plan.servers.push_back(*address);
        if (server.protocol == Protocol::udp) plan.tcp_only = false;
        if (!server.bind_addr.empty())
            plan.source_address = parse_socket_address(server.bind_addr)->address().to_string();
    }
}

void add_system(ResolverPlan& plan, const ResolvConf& conf, Options& options, bool options_are_set) {
    plan.search = conf.search;
    plan.ndots = conf.ndots;
    for (const auto& address : conf.name_servers) plan.servers.emplace_back(address, dns_port);
    if (plan.servers.empty()) plan.servers.emplace_back(asio::ip::address_v4::loopback(), dns_port);
    if (options_are_set) return;
    if (conf.timeout) options.timeout = *conf.timeout;
    if (conf.attempts) options.attempts = *conf.attempts;
}

}  // namespace

ResolverPlan make_plan(const Settings& settings, const ResolvConf& conf) {
    ResolverPlan plan;
    Options options = settings.options.value_or(Options());
    switch (settings.type) {
        case ResolverType::system: add_system(plan, conf, options, settings.options.has_value()); break;
        case ResolverType::google: add_servers(plan, google); break;
        case ResolverType::cloudflare: add_servers(plan, cloudflare); break;
        case ResolverType::custom: add_custom(plan, settings.config); break;
    }
    plan.deadline = options.timeout * options.attempts;
    plan.dnssec = options.dnssec;
    plan.use_hosts_file = options.use_hosts_file;
    plan.cache_size = options.cache_size;
    return plan;
}

std::vector<Name> search_candidates(const ResolverPlan& plan, const Name& name) {
    if (name.is_absolute()) return {name};
    std::vector<Name> candidates;
    for (const Name& domain : plan.search)
        if (auto candidate = name.under(domain)) candidates.push_back(std::move(candidate).value());
    const bool first = name.inner_dots() >= plan.ndots;
    candidates.insert(first ? candidates.begin() : candidates.end(), name.absolute());
    return candidates;
}

}  // namespace sluice::dns
