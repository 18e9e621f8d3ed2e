// config.server.dns: configuration.md section 6. What the resolver itself says of the settings (dns::validate, notices)
// is reported at `dns`.
#include <fmt/format.h>

#include "engine/config/loading.hpp"

namespace sluice::config {

namespace {

dns::NameServer read_name_server(Reader& keys) {
    dns::NameServer server;
    keys.string("socket_addr", server.socket_addr);
    keys.choice("protocol", server.protocol, {{"udp", dns::Protocol::udp}, {"tcp", dns::Protocol::tcp}});
    keys.string("tls_dns_name", server.tls_dns_name);
    keys.boolean("trust_nx_responses", server.trust_nx_responses);
    keys.string("bind_addr", server.bind_addr);
    keys.finish();
    return server;
}

void read_custom(Reader& keys, dns::CustomConfig& config) {
    keys.string("domain", config.domain);
    keys.strings("search", config.search);
    for (auto& item : keys.maps("name_servers")) config.name_servers.push_back(read_name_server(item));
    keys.finish();
}

void read_options(Reader& keys, dns::Options& options) {
    keys.duration("timeout", options.timeout);
    std::int64_t attempts = options.attempts;
    keys.integer("attempts", attempts, 1, 100);
    options.attempts = static_cast<int>(attempts);
    keys.boolean("rotate", options.rotate);
    keys.boolean("dnssec", options.dnssec);
    keys.choice("ip_strategy", options.ip_strategy,
                {{"Ipv4Only", dns::IpStrategy::ipv4_only},
                 {"Ipv6Only", dns::IpStrategy::ipv6_only},
                 {"Ipv4AndIpv6", dns::IpStrategy::ipv4_and_ipv6},
                 {"Ipv6thenIpv4", dns::IpStrategy::ipv6_then_ipv4},
                 {"Ipv4thenIpv6", dns::IpStrategy::ipv4_then_ipv6}});
    auto cache = static_cast<std::int64_t>(options.cache_size);
    keys.integer("cache_size", cache, 0, 10'000'000);
    options.cache_size = static_cast<std::size_t>(cache);
    keys.boolean("use_hosts_file", options.use_hosts_file);
    std::int64_t requests = options.num_concurrent_reqs;
    keys.integer("num_concurrent_reqs", requests, 1, 100);
    options.num_concurrent_reqs = static_cast<int>(requests);
    keys.finish();
}

}  // namespace

void read_dns(Reader& server, Reader& keys, dns::Settings& settings) {
    keys.choice("type", settings.type,
                {{"system", dns::ResolverType::system},
                 {"google", dns::ResolverType::google},
                 {"cloudflare", dns::ResolverType::cloudflare},
                 {"custom", dns::ResolverType::custom}});
    const bool custom = settings.type == dns::ResolverType::custom;
    if (auto config = keys.map("config")) {
        if (custom)
            read_custom(*config, settings.config);
        else
            keys.problem("config", "only a resolver of type \"custom\" has a config");
    }
    if (auto options = keys.map("options")) read_options(*options, settings.options.emplace());
    keys.finish();
    for (const auto& problem : dns::validate(settings)) server.problem("dns", problem);
    for (const auto& notice : dns::notices(settings)) server.warning("dns", notice);
}

}  // namespace sluice::config
