#include "engine/deliver/next_hops.hpp"

#include <fmt/format.h>

#include "engine/mail/header_lines.hpp"

namespace sluice::deliver {

namespace {

Outcome no_answer(std::string_view what, const std::string& name, const dns::Finding& finding) {
    return Outcome::temporary(fmt::format("4.4.3 cannot look up {} of {}: {}", what, name, finding.why));
}

bool usable(const asio::ip::address& address, bool loopback) {
    if (address.is_unspecified() || address.is_multicast()) return false;
    return loopback || !address.is_loopback();
}

// A domain literal "[192.0.2.1]" or "[IPv6:2001:db8::1]" (RFC 5321 4.1.3).
std::optional<asio::ip::address> literal(std::string_view domain) {
    if (!domain.starts_with('[') || !domain.ends_with(']')) return std::nullopt;
    domain = domain.substr(1, domain.size() - 2);
    constexpr std::string_view tag = "IPv6:";
    if (mail::equal_names(domain.substr(0, tag.size()), tag)) domain.remove_prefix(tag.size());
    error_code failed;
    const auto address = asio::ip::make_address(std::string(domain), failed);
    return failed ? std::nullopt : std::optional(address);
}

// Gathers the addresses of hosts in their order.
class Gathering {
  public:
    Gathering(dns::Resolver& resolver, const HopSettings& settings, std::uint16_t port, bool loopback)
        : resolver_(resolver), settings_(settings), port_(port), loopback_(loopback) {}

    // False: no further hosts.
    asio::awaitable<bool> add(const std::string& name, dns::Name host) {
        auto found = co_await dns::addresses(resolver_, std::move(host), settings_.strategy);
        if (found.failed()) failed_.emplace(no_answer("the addresses", name, found));
        for (const auto& address : found.addresses) {
            any_ = true;
            if (!add_address(name, address)) co_return false;
        }
        co_return hops_.size() < kMostHops;
    }

    bool add_address(const std::string& name, const asio::ip::address& address) {
        any_ = true;
        const asio::ip::tcp::endpoint endpoint(address, port_);
        if (settings_.is_own && settings_.is_own(endpoint)) {
            own_ = true;
            return false;
        }
        if (usable(address, loopback_)) hops_.push_back({name, endpoint});
        return true;
    }

    NextHops result(const std::string& destination) {
        if (!hops_.empty()) return {std::move(hops_), std::nullopt};
        if (own_)
            return {{},
                    Outcome::permanent(fmt::format(
                        "5.4.6 mail for {} loops back to this server; no other host takes it", destination))};
        if (failed_) return {{}, std::move(failed_)};
        if (any_)
            return {{},
                    Outcome::permanent(
                        fmt::format("5.4.4 {} has only addresses that no mail can be sent to", destination))};
        return {{}, Outcome::permanent(fmt::format("5.4.4 no host of {} has an address", destination))};
    }

  private:
    dns::Resolver& resolver_;
    const HopSettings& settings_;
    std::uint16_t port_;
    bool loopback_;
    std::vector<NextHop> hops_;
    std::optional<Outcome> failed_;
    bool own_ = false;
    bool any_ = false;
};

}  // namespace

asio::awaitable<NextHops> mail_hops(dns::Resolver& resolver, const HopSettings& settings, std::string domain) {
    Gathering gathering(resolver, settings, settings.mx_port, settings.loopback);
    if (const auto address = literal(domain)) {
        (void)gathering.add_address(domain, *address);
        co_return gathering.result(domain);
    }
    auto name = dns::Name::parse(domain);
    if (!name) co_return NextHops{{}, Outcome::permanent(fmt::format("5.1.2 '{}' is no domain name", domain))};
    const auto found = co_await dns::mail_exchangers(resolver, *name);
    if (found.failed()) co_return NextHops{{}, no_answer("the mail exchangers", domain, found)};
    if (found.null_mx)
        co_return NextHops{{}, Outcome::permanent(fmt::format("5.1.10 {} accepts no mail (null MX)", domain))};
    if (found.outcome == dns::Outcome::no_domain && found.hosts.empty())
        co_return NextHops{{}, Outcome::permanent(fmt::format("5.1.2 the domain {} does not exist", domain))};
    for (const auto& host : found.hosts) {
        const std::string host_name = host.exchange.without_final_dot();
        const bool more = co_await gathering.add(host_name, host.exchange);
        if (!more) break;
    }
    NextHops result = gathering.result(domain);
    result.secure = found.secure;
    co_return result;
}

asio::awaitable<NextHops> host_hops(dns::Resolver& resolver, const HopSettings& settings, std::string host,
                                    std::uint16_t port) {
    // Who names a host means it: a filter on this machine is a usual target. Its own listeners are not.
    Gathering gathering(resolver, settings, port, true);
    error_code no_address;
    const auto address = asio::ip::make_address(host, no_address);
    if (!no_address) {
        (void)gathering.add_address(host, address);
        co_return gathering.result(host);
    }
    auto name = dns::Name::parse(host);
    if (!name) co_return NextHops{{}, Outcome::permanent(fmt::format("5.1.2 '{}' is no host name", host))};
    (void)co_await gathering.add(host, *name);
    co_return gathering.result(host);
}

NextHops socket_hops(std::string name, std::string path) {
    NextHops found;
    found.hops.push_back({std::move(name), {}, std::move(path)});
    return found;
}

}  // namespace sluice::deliver
