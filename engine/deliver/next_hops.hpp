// Where a message goes next: the hosts of a destination, in the order in which they are tried (RFC 5321 5.1, RFC 7505).
// Nothing here can be told by a rule to send a message back to this server (RFC 5321 6.3).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/deliver/outcome.hpp"
#include "engine/dns/lookup.hpp"

namespace sluice::deliver {

struct NextHop {
    std::string name;  // of the host; of a target that is an address, that address
    asio::ip::tcp::endpoint endpoint;
    std::string socket = {};  // the path of a local one, in place of the endpoint; empty: none
};

// One of them is empty.
struct NextHops {
    std::vector<NextHop> hops;
    std::optional<Outcome> failure;
    bool secure = false;  // the exchanges, or that there are none, are proven by DNSSEC
};

struct HopSettings {
    dns::IpStrategy strategy = dns::IpStrategy::ipv6_then_ipv4;
    std::uint16_t mx_port = 25;
    bool loopback = false;  // mail exchangers may be on this machine (tests)
    // This server listens there: a message that goes there comes back.
    std::function<bool(const asio::ip::tcp::endpoint&)> is_own;
};

constexpr std::size_t kMostHops = 16;  // tried in one attempt; Postfix has 5, and a DNS answer may name hundreds

// The mail exchangers of a domain, or its own addresses if it has none. A host that is this server ends the list: what
// stands behind it has been tried by somebody else.
[[nodiscard]] asio::awaitable<NextHops> mail_hops(dns::Resolver& resolver, const HopSettings& settings,
                                                  std::string domain);
// The addresses of one host, by name or address.
[[nodiscard]] asio::awaitable<NextHops> host_hops(dns::Resolver& resolver, const HopSettings& settings,
                                                  std::string host, std::uint16_t port);

// A local socket of a server that has this name in logs and reports.
[[nodiscard]] NextHops socket_hops(std::string name, std::string path);

}  // namespace sluice::deliver
