#include "engine/deliver/next_hops.hpp"

#include <gtest/gtest.h>

#include "engine/dns/fake_resolver.hpp"

namespace sluice::deliver {
namespace {

class NextHopsTest : public ::testing::Test {
  protected:
    static dns::Name name(const std::string& text) { return *dns::Name::parse(text); }
    void mx(const std::string& domain, std::vector<std::pair<int, std::string>> hosts) {
        std::vector<dns::Record> records;
        for (const auto& [preference, host] : hosts)
            records.emplace_back(std::in_place_type<dns::Mx>,
                                 dns::Mx{static_cast<std::uint16_t>(preference), name(host).absolute()});
        resolver_.set(name(domain), dns::RecordType::mx, std::move(records));
    }
    void a(const std::string& host, const std::string& address) {
        const auto parsed = asio::ip::make_address(address);
        resolver_.set(name(host), parsed.is_v4() ? dns::RecordType::a : dns::RecordType::aaaa, {parsed});
    }
    NextHops run(asio::awaitable<NextHops> question) {
        asio::io_context io;
        NextHops result;
        asio::co_spawn(
            io, [&]() -> asio::awaitable<void> { result = co_await std::move(question); }, asio::detached);
        io.run();
        return result;
    }
    // "mx1.test [192.0.2.1]:25, ...", or the failure.
    std::string to(const std::string& domain) { return shown(run(mail_hops(resolver_, settings_, domain))); }
    std::string host(const std::string& target, std::uint16_t port = 25) {
        return shown(run(host_hops(resolver_, settings_, target, port)));
    }
    static std::string shown(const NextHops& found) {
        EXPECT_EQ(found.hops.empty(), found.failure.has_value());
        if (found.failure)
            return (found.failure->kind() == Outcome::Kind::temporary ? "later: " : "never: ") + found.failure->text();
        std::string text;
        for (const auto& hop : found.hops)
            text += (text.empty() ? "" : ", ") + hop.name + " [" + hop.endpoint.address().to_string() +
                    "]:" + std::to_string(hop.endpoint.port());
        return text;
    }

    dns::FakeResolver resolver_;
    HopSettings settings_{.strategy = dns::IpStrategy::ipv6_then_ipv4};
};

TEST_F(NextHopsTest, ByPreference) {
    mx("d.test", {{20, "second.test"}, {10, "first.test"}});
    a("first.test", "192.0.2.1");
    a("second.test", "2001:db8::2");
    EXPECT_EQ(to("d.test"), "first.test [192.0.2.1]:25, second.test [2001:db8::2]:25");
}

TEST_F(NextHopsTest, WithoutMxTheDomainItself) {
    a("d.test", "192.0.2.1");
    EXPECT_EQ(to("d.test"), "d.test [192.0.2.1]:25");
}

TEST_F(NextHopsTest, Literals) {
    EXPECT_EQ(to("[192.0.2.7]"), "[192.0.2.7] [192.0.2.7]:25");
    EXPECT_EQ(to("[IPv6:2001:db8::1]"), "[IPv6:2001:db8::1] [2001:db8::1]:25");
    EXPECT_EQ(to("[ipv6:2001:db8::1]"), "[ipv6:2001:db8::1] [2001:db8::1]:25");
    EXPECT_EQ(to("[127.0.0.1]").substr(0, 13), "never: 5.4.4 ");
}

TEST_F(NextHopsTest, Failures) {
    mx("null.test", {{0, "."}});
    EXPECT_EQ(to("null.test"), "never: 5.1.10 null.test accepts no mail (null MX)");
    EXPECT_EQ(to("nowhere.test"), "never: 5.1.2 the domain nowhere.test does not exist");
    mx("empty.test", {{10, "gone.test"}});
    EXPECT_EQ(to("empty.test"), "never: 5.4.4 no host of empty.test has an address");
    EXPECT_EQ(to("a..b"), "never: 5.1.2 'a..b' is no domain name");
    resolver_.set(name("later.test"), dns::RecordType::mx, dns::failed_answer("SERVFAIL"));
    EXPECT_EQ(to("later.test"), "later: 4.4.3 cannot look up the mail exchangers of later.test: SERVFAIL");
    mx("half.test", {{10, "mx.half.test"}});
    resolver_.set(name("mx.half.test"), dns::RecordType::a, dns::failed_answer("SERVFAIL"));
    resolver_.set(name("mx.half.test"), dns::RecordType::aaaa, dns::failed_answer("SERVFAIL"));
    EXPECT_EQ(to("half.test"), "later: 4.4.3 cannot look up the addresses of mx.half.test: SERVFAIL");
}

TEST_F(NextHopsTest, OneHostThatCannotBeLookedUpDoesNotHideTheOthers) {
    mx("d.test", {{10, "broken.test"}, {20, "good.test"}});
    resolver_.set(name("broken.test"), dns::RecordType::a, dns::failed_answer("SERVFAIL"));
    resolver_.set(name("broken.test"), dns::RecordType::aaaa, dns::failed_answer("SERVFAIL"));
    a("good.test", "192.0.2.1");
    EXPECT_EQ(to("d.test"), "good.test [192.0.2.1]:25");
}

// This server is one of the exchangers: only those before it are left, or none.
TEST_F(NextHopsTest, NeverBackToThisServer) {
    settings_.is_own = [](const asio::ip::tcp::endpoint& endpoint) {
        return endpoint.address().to_string() == "192.0.2.2";
    };
    mx("d.test", {{10, "better.test"}, {20, "us.test"}, {30, "worse.test"}});
    a("better.test", "192.0.2.1");
    a("us.test", "192.0.2.2");
    a("worse.test", "192.0.2.3");
    EXPECT_EQ(to("d.test"), "better.test [192.0.2.1]:25");
    mx("only.test", {{10, "us.test"}, {30, "worse.test"}});
    EXPECT_EQ(to("only.test"), "never: 5.4.6 mail for only.test loops back to this server; no other host takes it");
    EXPECT_EQ(host("192.0.2.2"), "never: 5.4.6 mail for 192.0.2.2 loops back to this server; no other host takes it");
}

TEST_F(NextHopsTest, AddressesThatAreNoHosts) {
    for (const std::string address : {"127.0.0.1", "0.0.0.0", "224.0.0.1", "::1", "::", "ff02::1"}) {
        mx("d.test", {{10, "mx.test"}});
        resolver_.set(name("mx.test"), dns::RecordType::a, std::vector<dns::Record>());
        resolver_.set(name("mx.test"), dns::RecordType::aaaa, std::vector<dns::Record>());
        a("mx.test", address);
        EXPECT_EQ(to("d.test"), "never: 5.4.4 d.test has only addresses that no mail can be sent to") << address;
    }
    settings_.loopback = true;
    settings_.mx_port = 2525;
    a("local.test", "127.0.0.1");
    EXPECT_EQ(to("local.test"), "local.test [127.0.0.1]:2525");
}

TEST_F(NextHopsTest, TargetsOfForward) {
    a("filter.test", "127.0.0.1");  // who names it means it
    EXPECT_EQ(host("filter.test", 10025), "filter.test [127.0.0.1]:10025");
    EXPECT_EQ(host("192.0.2.9", 465), "192.0.2.9 [192.0.2.9]:465");
    EXPECT_EQ(host("gone.test"), "never: 5.4.4 no host of gone.test has an address");
}

TEST_F(NextHopsTest, ADomainWithHundredsOfHosts) {
    std::vector<std::pair<int, std::string>> hosts;
    for (int i = 0; i < 100; ++i) {
        hosts.emplace_back(i, "mx" + std::to_string(i) + ".test");
        a(hosts.back().second, "192.0.2." + std::to_string(i + 1));
    }
    mx("d.test", hosts);
    EXPECT_EQ(run(mail_hops(resolver_, settings_, "d.test")).hops.size(), kMostHops);
}

}  // namespace
}  // namespace sluice::deliver
