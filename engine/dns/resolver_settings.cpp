#include "engine/dns/resolver_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/base/limits.hpp"
#include "engine/dns/name.hpp"
#include "engine/dns/socket_address.hpp"

namespace sluice::dns {

namespace {

template <typename T>
struct Spelling {
    std::string_view text;
    T value;
};

template <typename T, std::size_t N>
std::optional<T> find(const Spelling<T> (&spellings)[N], std::string_view text) {
    for (const auto& spelling : spellings)
        if (spelling.text == text) return spelling.value;
    return std::nullopt;
}

using Problems = std::vector<std::string>;

void check_options(const Options& options, Problems& problems) {
    using namespace std::chrono_literals;
    if (options.timeout < 1ms || options.timeout > limits::dns_timeout_max)
        problems.push_back(fmt::format("options.timeout: must be from 1 ms to {} s, not {} ms",
                                       limits::dns_timeout_max / 1s, options.timeout.count()));
    if (options.attempts < 1 || options.attempts > limits::dns_attempts_max)
        problems.push_back(
            fmt::format("options.attempts: must be from 1 to {}, not {}", limits::dns_attempts_max, options.attempts));
    if (options.cache_size > limits::dns_cache_entries_max)
        problems.push_back(fmt::format("options.cache_size: must be at most {}, not {}", limits::dns_cache_entries_max,
                                       options.cache_size));
    if (options.num_concurrent_reqs < 1)
        problems.push_back(
            fmt::format("options.num_concurrent_reqs: must be at least 1, not {}", options.num_concurrent_reqs));
}

void check_domain(std::string_view key, const std::string& text, Problems& problems) {
    const auto name = Name::parse_international(text);
    if (!name) problems.push_back(fmt::format("config.{}: '{}' {}", key, text, to_string(name.error())));
}

void check_server(const std::string& key, const NameServer& server, Problems& problems) {
    const auto address = parse_socket_address(server.socket_addr);
    if (!address || address->port() == 0)
        problems.push_back(
            fmt::format("{}.socket_addr: '{}' is no address with a port, as in '192.0.2.53:53' or "
                        "'[2001:db8::53]:53'",
                        key, server.socket_addr));
    if (!server.tls_dns_name.empty())
        problems.push_back(
            fmt::format("{}.tls_dns_name: DNS over TLS is not supported; leave it '()' or reach the "
                        "server through a local forwarder",
                        key));
    if (server.bind_addr.empty()) return;
    const auto bind = parse_socket_address(server.bind_addr);
    if (!bind)
        problems.push_back(
            fmt::format("{}.bind_addr: '{}' is no address with a port, as in '192.0.2.1:0'", key, server.bind_addr));
    else if (bind->port() != 0)
        problems.push_back(
            fmt::format("{}.bind_addr: a fixed source port makes answers easy to forge; write port 0", key));
    else if (address && bind->address().is_v4() != address->address().is_v4())
        problems.push_back(fmt::format("{}.bind_addr: '{}' cannot reach '{}': one is IPv4, the other IPv6", key,
                                       server.bind_addr, server.socket_addr));
}

// What servers must have in common, because a libunbound context has one of it.
void check_together(const std::vector<NameServer>& servers, Problems& problems) {
    std::set<std::string> udp;
    for (const NameServer& server : servers)
        if (server.protocol == Protocol::udp) udp.insert(server.socket_addr);
    for (std::size_t i = 0; i < servers.size(); ++i) {
        if (!udp.empty() && servers[i].protocol == Protocol::tcp && !udp.contains(servers[i].socket_addr))
            problems.push_back(
                fmt::format("config.name_servers[{}].protocol: 'tcp' beside servers with 'udp' is not "
                            "supported; use one protocol (udp falls back to TCP by itself)",
                            i));
        if (servers[i].bind_addr != servers[0].bind_addr)
            problems.push_back(
                fmt::format("config.name_servers[{}].bind_addr: must be the same for all servers, "
                            "'{}' differs from '{}'",
                            i, servers[i].bind_addr, servers[0].bind_addr));
    }
}

void check_custom(const CustomConfig& config, Problems& problems) {
    if (!config.domain.empty()) check_domain("domain", config.domain, problems);
    for (std::size_t i = 0; i < config.search.size(); ++i)
        check_domain(fmt::format("search[{}]", i), config.search[i], problems);
    if (config.search.size() > limits::dns_search_domains)
        problems.push_back(
            fmt::format("config.search: at most {} names, not {}", limits::dns_search_domains, config.search.size()));
    if (config.name_servers.empty()) problems.emplace_back("config.name_servers: at least one server is needed");
    for (std::size_t i = 0; i < config.name_servers.size(); ++i)
        check_server(fmt::format("config.name_servers[{}]", i), config.name_servers[i], problems);
    check_together(config.name_servers, problems);
}

}  // namespace

std::optional<ResolverType> parse_resolver_type(std::string_view text) {
    static constexpr Spelling<ResolverType> spellings[] = {{"system", ResolverType::system},
                                                           {"google", ResolverType::google},
                                                           {"cloudflare", ResolverType::cloudflare},
                                                           {"custom", ResolverType::custom}};
    return find(spellings, text);
}

std::optional<Protocol> parse_protocol(std::string_view text) {
    static constexpr Spelling<Protocol> spellings[] = {{"udp", Protocol::udp}, {"tcp", Protocol::tcp}};
    return find(spellings, text);
}

std::optional<IpStrategy> parse_ip_strategy(std::string_view text) {
    static constexpr Spelling<IpStrategy> spellings[] = {{"Ipv4Only", IpStrategy::ipv4_only},
                                                         {"Ipv6Only", IpStrategy::ipv6_only},
                                                         {"Ipv4AndIpv6", IpStrategy::ipv4_and_ipv6},
                                                         {"Ipv6thenIpv4", IpStrategy::ipv6_then_ipv4},
                                                         {"Ipv4thenIpv6", IpStrategy::ipv4_then_ipv6}};
    return find(spellings, text);
}

Problems validate(const Settings& settings) {
    Problems problems;
    if (settings.type == ResolverType::custom)
        check_custom(settings.config, problems);
    else if (settings.config != CustomConfig())
        problems.emplace_back("config: only a resolver of type 'custom' has it");
    if (settings.options) check_options(*settings.options, problems);
    return problems;
}

Problems notices(const Settings& settings) {
    Problems notices;
    const Options options = settings.options.value_or(Options());
    if (options.rotate)
        notices.emplace_back("options.rotate: questions are always spread over the servers that answer equally fast");
    if (options.num_concurrent_reqs != Options().num_concurrent_reqs)
        notices.emplace_back("options.num_concurrent_reqs: one server is asked at a time");
    const auto& servers = settings.config.name_servers;
    for (std::size_t i = 0; i < servers.size(); ++i)
        if (servers[i].trust_nx_responses)
            notices.push_back(
                fmt::format("config.name_servers[{}].trust_nx_responses: NXDOMAIN is always believed", i));
    return notices;
}

}  // namespace sluice::dns
