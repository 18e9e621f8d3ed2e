// Settings, system files, and the plan they make.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "engine/dns/hosts_file.hpp"
#include "engine/dns/resolver_plan.hpp"
#include "engine/dns/reverse_name.hpp"

namespace sluice::dns {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Name name(std::string_view text) { return Name::parse(text).value(); }

Settings custom(std::vector<NameServer> servers) {
    Settings settings;
    settings.type = ResolverType::custom;
    settings.config.name_servers = std::move(servers);
    return settings;
}

std::vector<std::string> servers_of(const ResolverPlan& plan) {
    std::vector<std::string> texts;
    for (const auto& server : plan.servers)
        texts.push_back(server.address().to_string() + '@' + std::to_string(server.port()));
    return texts;
}

TEST(ResolverSettingsTest, SpellingsOfTheConfiguration) {
    EXPECT_EQ(parse_resolver_type("cloudflare"), ResolverType::cloudflare);
    EXPECT_EQ(parse_resolver_type("Google"), std::nullopt);
    EXPECT_EQ(parse_protocol("tcp"), Protocol::tcp);
    EXPECT_EQ(parse_protocol("tls"), std::nullopt);
    EXPECT_EQ(parse_ip_strategy("Ipv4Only"), IpStrategy::ipv4_only);
    EXPECT_EQ(parse_ip_strategy("Ipv6Only"), IpStrategy::ipv6_only);
    EXPECT_EQ(parse_ip_strategy("Ipv4AndIpv6"), IpStrategy::ipv4_and_ipv6);
    EXPECT_EQ(parse_ip_strategy("Ipv6thenIpv4"), IpStrategy::ipv6_then_ipv4);
    EXPECT_EQ(parse_ip_strategy("Ipv4thenIpv6"), IpStrategy::ipv4_then_ipv6);
    EXPECT_EQ(parse_ip_strategy("ipv4only"), std::nullopt);
}

TEST(ResolverSettingsTest, DefaultsAreThoseOfTheSpecification) {
    const Options options;
    EXPECT_EQ(options.timeout, 5s);
    EXPECT_EQ(options.attempts, 2);
    EXPECT_FALSE(options.rotate);
    EXPECT_FALSE(options.dnssec);
    EXPECT_EQ(options.ip_strategy, IpStrategy::ipv4_then_ipv6);
    EXPECT_EQ(options.cache_size, 32u);
    EXPECT_TRUE(options.use_hosts_file);
    EXPECT_EQ(options.num_concurrent_reqs, 2);
    EXPECT_THAT(validate(Settings()), IsEmpty());
    EXPECT_THAT(notices(Settings()), IsEmpty());
}

TEST(ResolverSettingsTest, ProblemsNameTheKeyAndTheRemedy) {
    EXPECT_THAT(validate(custom({})), ElementsAre("config.name_servers: at least one server is needed"));
    for (const char* const wrong : {"", "ns.test:53", "192.0.2.1", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536",
                                    "2001:db8::1:53", "[192.0.2.1]:53", "192.0.2.1:5x", "192.0.2.256:53"})
        EXPECT_THAT(validate(custom({{wrong}})), ElementsAre(HasSubstr("as in '192.0.2.53:53'"))) << wrong;
    EXPECT_THAT(validate(custom({{"192.0.2.1:53"}, {"[2001:db8::1]:5353"}})), IsEmpty());

    NameServer tls{"192.0.2.1:53"};
    tls.tls_dns_name = "dns.test";
    EXPECT_THAT(validate(custom({tls})), ElementsAre(HasSubstr("name_servers[0].tls_dns_name: DNS over TLS")));

    Settings named = custom({{"192.0.2.1:53"}});
    named.config.domain = "a..b";
    named.config.search = {"good.test", "b d"};
    EXPECT_THAT(validate(named), ElementsAre("config.domain: 'a..b' has an empty label",
                                             "config.search[1]: 'b d' has a character that no domain name has"));

    Settings system;
    system.config.search = {"lost.test"};
    EXPECT_THAT(validate(system), ElementsAre(HasSubstr("only a resolver of type 'custom'")));
}

TEST(ResolverSettingsTest, BindAddressesMustAgree) {
    const auto bound = [](const char* server, const char* bind) {
        NameServer result{server};
        result.bind_addr = bind;
        return result;
    };
    EXPECT_THAT(validate(custom({bound("192.0.2.1:53", "192.0.2.9:0"), bound("192.0.2.2:53", "192.0.2.9:0")})),
                IsEmpty());
    EXPECT_THAT(validate(custom({bound("192.0.2.1:53", "192.0.2.9:0"), {"192.0.2.2:53"}})),
                ElementsAre(HasSubstr("must be the same for all servers")));
    EXPECT_THAT(validate(custom({bound("192.0.2.1:53", "192.0.2.9:5353")})), ElementsAre(HasSubstr("write port 0")));
    EXPECT_THAT(validate(custom({bound("192.0.2.1:53", "eth0")})), ElementsAre(HasSubstr("as in '192.0.2.1:0'")));
    EXPECT_THAT(validate(custom({bound("192.0.2.1:53", "[2001:db8::1]:0")})), ElementsAre(HasSubstr("other IPv6")));
}

TEST(ResolverSettingsTest, OneProtocolForAllServers) {
    const NameServer udp{"192.0.2.1:53"};
    const NameServer tcp{"192.0.2.1:53", Protocol::tcp};
    const NameServer other_tcp{"192.0.2.2:53", Protocol::tcp};
    EXPECT_THAT(validate(custom({udp, tcp})), IsEmpty());
    EXPECT_THAT(validate(custom({tcp, other_tcp})), IsEmpty());
    EXPECT_THAT(validate(custom({udp, other_tcp})), ElementsAre(HasSubstr("name_servers[1].protocol: 'tcp' beside")));

    const auto both = make_plan(custom({udp, tcp}), {});
    EXPECT_THAT(servers_of(both), ElementsAre("192.0.2.1@53"));
    EXPECT_FALSE(both.tcp_only);
    EXPECT_TRUE(make_plan(custom({tcp, other_tcp}), {}).tcp_only);
}

TEST(ResolverSettingsTest, NumbersAtTheLimitAndOnePast) {
    const auto problems = [](const Options& options) {
        Settings settings;
        settings.options = options;
        return validate(settings).size();
    };
    EXPECT_EQ(problems({.timeout = limits::dns_timeout_max}), 0u);
    EXPECT_EQ(problems({.timeout = limits::dns_timeout_max + 1ms}), 1u);
    EXPECT_EQ(problems({.timeout = 1ms}), 0u);
    EXPECT_EQ(problems({.timeout = 0ms}), 1u);
    EXPECT_EQ(problems({.attempts = limits::dns_attempts_max}), 0u);
    EXPECT_EQ(problems({.attempts = limits::dns_attempts_max + 1}), 1u);
    EXPECT_EQ(problems({.attempts = 0}), 1u);
    EXPECT_EQ(problems({.cache_size = limits::dns_cache_entries_max}), 0u);
    EXPECT_EQ(problems({.cache_size = limits::dns_cache_entries_max + 1}), 1u);
    EXPECT_EQ(problems({.num_concurrent_reqs = 1}), 0u);
    EXPECT_EQ(problems({.num_concurrent_reqs = 0}), 1u);
    Settings searching = custom({{"192.0.2.1:53"}});
    searching.config.search.assign(limits::dns_search_domains, "a.test");
    EXPECT_THAT(validate(searching), IsEmpty());
    searching.config.search.emplace_back("a.test");
    EXPECT_THAT(validate(searching), ElementsAre("config.search: at most 32 names, not 33"));
}

TEST(ResolverSettingsTest, WhatHasNoEffectIsTold) {
    Settings settings = custom({{"192.0.2.1:53"}});
    settings.config.name_servers[0].trust_nx_responses = true;
    settings.options = Options{.rotate = true, .num_concurrent_reqs = 3};
    EXPECT_THAT(notices(settings), ElementsAre(HasSubstr("options.rotate"), HasSubstr("options.num_concurrent_reqs"),
                                               HasSubstr("name_servers[0].trust_nx_responses")));
    EXPECT_THAT(validate(settings), IsEmpty());
}

TEST(ResolverPlanTest, PublicResolversByName) {
    Settings settings;
    settings.type = ResolverType::google;
    EXPECT_THAT(servers_of(make_plan(settings, {})),
                ElementsAre("8.8.8.8@53", "8.8.4.4@53", "2001:4860:4860::8888@53", "2001:4860:4860::8844@53"));
    settings.type = ResolverType::cloudflare;
    EXPECT_THAT(servers_of(make_plan(settings, {})),
                ElementsAre("1.1.1.1@53", "1.0.0.1@53", "2606:4700:4700::1111@53", "2606:4700:4700::1001@53"));
}

TEST(ResolverPlanTest, TheSystemsFileCountsUnlessOptionsAreSet) {
    const ResolvConf conf = parse_resolv_conf(
        "# comment\nnameserver 192.0.2.1\nnameserver 2001:db8::1\ndomain old.test\nsearch a.test B.test. # x\n"
        "options ndots:2 timeout:3 attempts:4 rotate edns0\nsortlist 192.0.2.0\n");
    EXPECT_THAT(conf.problems, IsEmpty());
    EXPECT_TRUE(conf.rotate);
    Settings settings;
    const auto plan = make_plan(settings, conf);
    EXPECT_THAT(servers_of(plan), ElementsAre("192.0.2.1@53", "2001:db8::1@53"));
    EXPECT_THAT(plan.search, ElementsAre(name("a.test."), name("b.test.")));
    EXPECT_EQ(plan.ndots, 2u);
    EXPECT_EQ(plan.deadline, 12s);
    settings.options = Options{.timeout = 100ms, .dnssec = true};
    const auto with_options = make_plan(settings, conf);
    EXPECT_EQ(with_options.deadline, 200ms);
    EXPECT_TRUE(with_options.dnssec);
    EXPECT_THAT(servers_of(make_plan(Settings(), {})), ElementsAre("127.0.0.1@53"));
}

TEST(ResolvConfTest, WhatCannotBeReadIsTold) {
    const ResolvConf conf = parse_resolv_conf(
        "nameserver\nnameserver ns.test\nsearch a..b ok.test\noptions ndots:x timeout:0 attempts:-1 ndots:99\n");
    EXPECT_THAT(conf.problems,
                ElementsAre("line 1: nameserver '': no address", "line 2: nameserver 'ns.test': no address",
                            "line 3: search 'a..b': has an empty label", "line 4: options 'ndots:x': no usable number",
                            "line 4: options 'timeout:0': no usable number",
                            "line 4: options 'attempts:-1': no usable number"));
    EXPECT_THAT(conf.search, ElementsAre(name("ok.test.")));
    EXPECT_EQ(conf.ndots, 15u);
}

TEST(SearchTest, TheNameItselfComesFirstIfItHasEnoughDots) {
    ResolverPlan plan;
    plan.search = {name("a.test."), name("b.test.")};
    EXPECT_THAT(search_candidates(plan, name("mx")), ElementsAre(name("mx.a.test."), name("mx.b.test."), name("mx.")));
    EXPECT_THAT(search_candidates(plan, name("mx.c")),
                ElementsAre(name("mx.c."), name("mx.c.a.test."), name("mx.c.b.test.")));
    EXPECT_THAT(search_candidates(plan, name("mx.")), ElementsAre(name("mx.")));
    plan.ndots = 2;
    EXPECT_THAT(search_candidates(plan, name("mx.c")),
                ElementsAre(name("mx.c.a.test."), name("mx.c.b.test."), name("mx.c.")));
    std::string text;
    while (text.size() < 240) text += "0123456789.";
    const Name no_room = name(text + "0123456");
    EXPECT_THAT(search_candidates(plan, no_room), ElementsAre(no_room.absolute()));
}

TEST(HostsFileTest, NamesAddressesAndTheirReverse) {
    std::vector<std::string> problems;
    const auto hosts = HostsFile::parse(
        "127.0.0.1\tlocalhost\n::1 localhost ip6-localhost\n\n  # nothing\n192.0.2.1 a.test a#b\n192.0.2.1 "
        "second.test\n"
        "192.0.2.2 a.test\n192.0.2.3 bad..name c.test",
        problems);
    EXPECT_THAT(problems, ElementsAre("line 8: 'bad..name' has an empty label"));
    const auto addresses = [&](std::string_view host, RecordType type) {
        std::vector<std::string> texts;
        const auto answer = hosts.find(name(host), type);
        if (!answer) return std::vector<std::string>{"elsewhere"};
        for (const auto& address : answer->all<asio::ip::address>()) texts.push_back(address.to_string());
        return texts;
    };
    EXPECT_THAT(addresses("LOCALHOST", RecordType::a), ElementsAre("127.0.0.1"));
    EXPECT_THAT(addresses("localhost.", RecordType::aaaa), ElementsAre("::1"));
    EXPECT_THAT(addresses("ip6-localhost", RecordType::a), IsEmpty());
    EXPECT_THAT(addresses("a.test", RecordType::a), ElementsAre("192.0.2.1", "192.0.2.2"));
    EXPECT_THAT(addresses("a", RecordType::a), ElementsAre("192.0.2.1"));
    EXPECT_THAT(addresses("b", RecordType::a), ElementsAre("elsewhere"));
    EXPECT_THAT(addresses("c.test", RecordType::a), ElementsAre("192.0.2.3"));
    EXPECT_FALSE(hosts.find(name("a.test"), RecordType::mx));
    const auto reverse = hosts.find(reverse_name(asio::ip::make_address("192.0.2.1")), RecordType::ptr);
    ASSERT_TRUE(reverse);
    EXPECT_THAT(reverse->all<Name>(), ElementsAre(name("a.test."), name("second.test.")));
    EXPECT_FALSE(hosts.find(reverse_name(asio::ip::make_address("192.0.2.77")), RecordType::ptr));
}

TEST(ReverseNameTest, OctetsAndNibblesBackwards) {
    const auto ip = [](const char* text) { return asio::ip::make_address(text); };
    EXPECT_EQ(reverse_name(ip("192.0.2.99")).text(), "99.2.0.192.in-addr.arpa.");
    EXPECT_EQ(reverse_name(ip("::ffff:192.0.2.99")).text(), "99.2.0.192.in-addr.arpa.");
    EXPECT_EQ(reverse_name(ip("2001:db8::12")).text(),
              "2.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.");
    // RFC 5782 2.4.
    EXPECT_EQ(list_name(name("ugly.example.com"), ip("2001:db8:1:2:3:4:567:89ab")).value().text(),
              "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ugly.example.com.");
    EXPECT_EQ(list_name(name("bl.example."), ip("::ffff:192.0.2.99")).value().text(), "99.2.0.192.bl.example.");
    std::string zone;
    while (zone.size() < 240) zone += "0123456789.";
    EXPECT_EQ(list_name(name(zone), ip("192.0.2.199")).value().text().size(), 254u);
    EXPECT_EQ(list_name(name(zone), ip("192.0.20.199")).error(), NameError::too_long);
}

}  // namespace
}  // namespace sluice::dns
