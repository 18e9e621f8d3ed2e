#include "engine/dns/lookup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>

#include "engine/base/ids.hpp"

namespace sluice::dns {

namespace {

template <typename T>
T with_finding(const Answer& answer) {
    T result;
    static_cast<Finding&>(result) = answer;
    return result;
}

struct Randomness {
    using result_type = std::uint32_t;
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return ~result_type{0}; }
    result_type operator()() const {
        std::array<std::uint8_t, sizeof(result_type)> bytes;
        random_bytes(bytes.data(), bytes.size());
        result_type number = 0;
        for (const auto byte : bytes) number = number << 8 | byte;
        return number;
    }
};

// Which of two answers without addresses tells more: what failed may yet be found, and a name that has no records of
// one family may still exist.
int weight(Outcome outcome) {
    switch (outcome) {
        case Outcome::found: return 4;
        case Outcome::bogus: return 3;
        case Outcome::temporary: return 2;
        case Outcome::no_data: return 1;
        case Outcome::no_domain: return 0;
    }
    return 0;
}

Addresses joined(const Answer& first, const Answer& second) {
    const bool second_tells_more = weight(second.outcome) > weight(first.outcome);
    auto result = with_finding<Addresses>(second_tells_more ? second : first);
    if (first.outcome == Outcome::found && second.outcome == Outcome::found)
        result.ttl = std::min(first.ttl, second.ttl);
    result.secure = (first.secure || first.failed()) && (second.secure || second.failed()) && !result.failed();
    result.addresses = first.all<asio::ip::address>();
    for (const auto& address : second.all<asio::ip::address>()) result.addresses.push_back(address);
    return result;
}

Addresses literal(const asio::ip::address& address, const Name& name) {
    Addresses result;
    result.outcome = Outcome::found;
    result.canonical_name = name;
    result.addresses.push_back(address);
    return result;
}

asio::awaitable<Addresses> one_then_other(Resolver& resolver, Name host, RecordType one, RecordType other) {
    const Answer first = co_await resolver.query(host, one);
    if (first.outcome == Outcome::found) {
        auto result = with_finding<Addresses>(first);
        result.addresses = first.all<asio::ip::address>();
        co_return result;
    }
    const Answer second = co_await resolver.query(host, other);
    co_return joined(first, second);
}

}  // namespace

asio::awaitable<Addresses> addresses(Resolver& resolver, Name host, IpStrategy strategy) {
    if (!host.is_absolute()) {
        error_code failed;
        const auto address = asio::ip::make_address(host.text(), failed);
        if (!failed) co_return literal(address, host);
    }
    switch (strategy) {
        case IpStrategy::ipv4_then_ipv6:
            co_return co_await one_then_other(resolver, std::move(host), RecordType::a, RecordType::aaaa);
        case IpStrategy::ipv6_then_ipv4:
            co_return co_await one_then_other(resolver, std::move(host), RecordType::aaaa, RecordType::a);
        case IpStrategy::ipv4_and_ipv6: {
            using namespace asio::experimental::awaitable_operators;
            auto both = resolver.query(host, RecordType::a) && resolver.query(host, RecordType::aaaa);
            const auto [v4, v6] = co_await std::move(both);
            co_return joined(v4, v6);
        }
        case IpStrategy::ipv4_only:
        case IpStrategy::ipv6_only: break;
    }
    const RecordType type = strategy == IpStrategy::ipv6_only ? RecordType::aaaa : RecordType::a;
    const Answer answer = co_await resolver.query(std::move(host), type);
    auto result = with_finding<Addresses>(answer);
    result.addresses = answer.all<asio::ip::address>();
    co_return result;
}

asio::awaitable<MailExchangers> mail_exchangers(Resolver& resolver, Name domain) {
    domain = domain.absolute();
    const Answer answer = co_await resolver.query(domain, RecordType::mx);
    auto result = with_finding<MailExchangers>(answer);
    if (answer.outcome == Outcome::no_data) {
        result.outcome = Outcome::found;
        result.implicit = true;
        result.why.clear();
        result.hosts.push_back(Mx{0, domain});
    } else if (answer.outcome == Outcome::found) {
        result.hosts = answer.all<Mx>();
        std::erase_if(result.hosts, [](const Mx& mx) { return mx.exchange.is_root(); });
        result.null_mx = result.hosts.empty();
        std::shuffle(result.hosts.begin(), result.hosts.end(), Randomness());
        std::stable_sort(result.hosts.begin(), result.hosts.end(),
                         [](const Mx& a, const Mx& b) { return a.preference < b.preference; });
    }
    co_return result;
}

asio::awaitable<Texts> texts(Resolver& resolver, Name name) {
    const Answer answer = co_await resolver.query(name.absolute(), RecordType::txt);
    auto result = with_finding<Texts>(answer);
    for (Txt& txt : answer.all<Txt>()) result.texts.push_back(std::move(txt.text));
    co_return result;
}

asio::awaitable<ReverseNames> reverse(Resolver& resolver, asio::ip::address address) {
    const Answer answer = co_await resolver.query(reverse_name(address), RecordType::ptr);
    auto result = with_finding<ReverseNames>(answer);
    result.names = answer.all<Name>();
    co_return result;
}

asio::awaitable<Listing> dnsbl(Resolver& resolver, Name zone, asio::ip::address address) {
    auto name = list_name(zone, address);
    if (!name) {
        Listing no_room;
        no_room.outcome = Outcome::no_domain;
        no_room.canonical_name = zone;
        no_room.why =
            fmt::format("'{}' in front of '{}' {}", address.to_string(), zone.text(), to_string(name.error()));
        co_return no_room;
    }
    const Answer answer = co_await resolver.query(std::move(name).value(), RecordType::a);
    auto result = with_finding<Listing>(answer);
    for (const auto& code : answer.all<asio::ip::address>())
        if (code.is_v4() && code.is_loopback()) result.codes.push_back(code.to_v4());
    std::sort(result.codes.begin(), result.codes.end());
    if (answer.outcome == Outcome::found && result.codes.empty()) {
        result.outcome = Outcome::no_data;
        result.why = "the list answers with addresses outside 127.0.0.0/8";
    }
    co_return result;
}

}  // namespace sluice::dns
