// Settings of one resolver: `server.dns` and `dns` of a domain (configuration.md section 6). engine/config fills them
// in, ResolverService::open() takes them. How each key is honoured stands beside it: libunbound decides some things
// itself, and notices() says so for every key that was set in vain.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dns {

enum class ResolverType : std::uint8_t { system, google, cloudflare, custom };
enum class Protocol : std::uint8_t { udp, tcp };
enum class IpStrategy : std::uint8_t { ipv4_only, ipv6_only, ipv4_and_ipv6, ipv6_then_ipv4, ipv4_then_ipv6 };

// The spellings of the configuration: "system", "udp", "Ipv4thenIpv6".
[[nodiscard]] std::optional<ResolverType> parse_resolver_type(std::string_view text);
[[nodiscard]] std::optional<Protocol> parse_protocol(std::string_view text);
[[nodiscard]] std::optional<IpStrategy> parse_ip_strategy(std::string_view text);

struct NameServer {
    std::string socket_addr;  // "192.0.2.53:53", "[2001:db8::53]:53"; an address, never a name
    // udp: truncated answers are asked again over TCP. tcp: TCP only. One resolver has one protocol, but an address
    // listed with udp may be listed with tcp too, which says nothing new.
    Protocol protocol = Protocol::udp;
    std::string tls_dns_name;         // refused unless empty: the nettle build of libunbound has no DNS over TLS
    bool trust_nx_responses = false;  // libunbound believes every NXDOMAIN of a configured server
    std::string bind_addr;            // "192.0.2.1:0"; the same for all servers of a resolver, port always 0
    friend bool operator==(const NameServer&, const NameServer&) = default;
};

// Only for ResolverType::custom.
struct CustomConfig {
    std::string domain;               // first in the search list
    std::vector<std::string> search;  // tried in this order
    std::vector<NameServer> name_servers;
    friend bool operator==(const CustomConfig&, const CustomConfig&) = default;
};

struct Options {
    // A question ends as Outcome::temporary after timeout × attempts, all names of the search list together. Within
    // that time libunbound sends again on its own schedule, by the measured round-trip times of each server (first
    // after limits::dns_resend), and gives up about 17 s after a lone server went silent.
    std::chrono::milliseconds timeout{5000};
    int attempts = 2;
    bool rotate = false;  // libunbound always spreads questions over the servers that answer about equally fast
    // Validation by libunbound, down from the trust anchors. The servers must pass DNSSEC records on.
    bool dnssec = false;
    IpStrategy ip_strategy = IpStrategy::ipv4_then_ipv6;  // for addresses() of lookup.hpp
    // Answers remembered, roughly: room for that many of limits::dns_cache_entry octets. 0: the latest answer only,
    // which libunbound always keeps.
    std::size_t cache_size = 32;
    bool use_hosts_file = true;   // A, AAAA and PTR; a name that stands there is not asked for elsewhere
    int num_concurrent_reqs = 2;  // libunbound asks one server at a time
    friend bool operator==(const Options&, const Options&) = default;
};

struct Settings {
    ResolverType type = ResolverType::system;
    CustomConfig config;
    // Unset: the defaults of Options; for `system`, timeout, attempts and rotate from /etc/resolv.conf.
    std::optional<Options> options;

    // Not keys of configuration.md. A file of DS or DNSKEY records that replaces the built-in anchors of the root zone;
    // and the places of system files, for tests.
    std::string trust_anchor_file;
    std::string resolv_conf = "/etc/resolv.conf";
    std::string hosts_file = "/etc/hosts";
    friend bool operator==(const Settings&, const Settings&) = default;
};

// What is wrong, one text each: "name_servers[0].socket_addr: 'ns1:53' is no address with a port, as in …". Pure.
[[nodiscard]] std::vector<std::string> validate(const Settings& settings);
// What is legal and has no effect because libunbound decides itself. Pure.
[[nodiscard]] std::vector<std::string> notices(const Settings& settings);

}  // namespace sluice::dns
