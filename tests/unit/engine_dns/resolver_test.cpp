// What servers answer, and how they fail, through the whole resolver.
#include "engine/dns/resolver.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "engine/base/limits.hpp"
#include "engine/dns/lookup.hpp"
#include "tests/unit/engine_dns/resolving.hpp"

namespace sluice::dns::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class ResolverTest : public ResolvingTest {};

TEST_F(ResolverTest, AnswersAreDecodedByType) {
    server_.add("host.test.", RecordType::a, address_rdata("192.0.2.1"));
    server_.add("host.test.", RecordType::a, address_rdata("192.0.2.2"));
    server_.add("host.test.", RecordType::aaaa, address_rdata("2001:db8::1"));
    server_.add("_25._tcp.host.test.", RecordType::tlsa, tlsa_rdata(3, 1, 1, "digest"));
    const auto resolver = open(settings());
    const Answer a = ask(*resolver, "host.test.", RecordType::a);
    EXPECT_EQ(a.outcome, Outcome::found);
    EXPECT_FALSE(a.secure);
    EXPECT_EQ(a.canonical_name, name("host.test."));
    EXPECT_THAT(a.ttl.count(), testing::AllOf(testing::Gt(0), testing::Le(std::int64_t{record_ttl})));
    EXPECT_EQ(a.why, "");
    EXPECT_THAT(a.all<asio::ip::address>(), UnorderedElementsAre(ip("192.0.2.1"), ip("192.0.2.2")));
    const Answer aaaa = ask(*resolver, "HOST.Test.", RecordType::aaaa);
    EXPECT_THAT(aaaa.all<asio::ip::address>(), ElementsAre(ip("2001:db8::1")));
    const Answer tlsa = ask(*resolver, "_25._tcp.host.test.", RecordType::tlsa);
    EXPECT_THAT(tlsa.all<Tlsa>(), ElementsAre(Tlsa{3, 1, 1, "digest"}));
}

TEST_F(ResolverTest, MailExchangersAreSortedAndNullMxIsTold) {
    server_.add("example.test.", RecordType::mx, mx_rdata(20, "b.example.test."));
    server_.add("example.test.", RecordType::mx, mx_rdata(10, "a.example.test."));
    server_.add("example.test.", RecordType::mx, mx_rdata(30, "c.example.test."));
    server_.add("silent.test.", RecordType::mx, mx_rdata(0, "."));
    server_.add("plain.test.", RecordType::a, address_rdata("192.0.2.3"));
    const auto resolver = open(settings());
    const auto sorted = run(mail_exchangers(*resolver, name("example.test")));
    EXPECT_THAT(sorted.hosts, ElementsAre(Mx{10, name("a.example.test.")}, Mx{20, name("b.example.test.")},
                                          Mx{30, name("c.example.test.")}));
    EXPECT_TRUE(run(mail_exchangers(*resolver, name("silent.test"))).null_mx);
    const auto implicit = run(mail_exchangers(*resolver, name("plain.test")));
    EXPECT_TRUE(implicit.implicit);
    EXPECT_THAT(implicit.hosts, ElementsAre(Mx{0, name("plain.test.")}));
}

TEST_F(ResolverTest, AliasesAreFollowedAndTheCanonicalNameIsTold) {
    server_.add("www.test.", RecordType::cname, wire_name("web.test."));
    server_.add("web.test.", RecordType::cname, wire_name("host7.test."));
    server_.add("host7.test.", RecordType::a, address_rdata("192.0.2.7"));
    const auto resolver = open(settings());
    const Answer answer = ask(*resolver, "www.test.", RecordType::a);
    EXPECT_EQ(answer.canonical_name, name("host7.test."));
    EXPECT_THAT(answer.all<asio::ip::address>(), ElementsAre(ip("192.0.2.7")));
    EXPECT_THAT(ask(*resolver, "www.test.", RecordType::cname).all<Name>(), ElementsAre(name("web.test.")));
}

TEST_F(ResolverTest, StringsOfALongTxtAreJoined) {
    const std::string part(255, 'k');
    server_.add("key.test.", RecordType::txt, txt_rdata({part, part, "end", ""}));
    const auto resolver = open(settings());
    EXPECT_THAT(run(texts(*resolver, name("key.test"))).texts, ElementsAre(part + part + "end"));
}

TEST_F(ResolverTest, ReverseNamesHaveTheFinalDot) {
    server_.add("9.2.0.192.in-addr.arpa.", RecordType::ptr, wire_name("mail.test."));
    // Private addresses belong to the configured server too.
    server_.add("1.0.0.10.in-addr.arpa.", RecordType::ptr, wire_name("gateway.test."));
    const auto resolver = open(settings());
    const auto names = run(reverse(*resolver, ip("192.0.2.9"))).names;
    ASSERT_EQ(names.size(), 1u);
    EXPECT_EQ(names[0].text(), "mail.test.");
    EXPECT_THAT(run(reverse(*resolver, ip("10.0.0.1"))).names, ElementsAre(name("gateway.test.")));
}

TEST_F(ResolverTest, AbsenceOfTheNameAndOfTheRecordsDiffer) {
    server_.add("host.test.", RecordType::a, address_rdata("192.0.2.1"));
    server_.add("dangling.test.", RecordType::cname, wire_name("nowhere.test."));
    const auto resolver = open(settings());
    const Answer no_data = ask(*resolver, "host.test.", RecordType::mx);
    EXPECT_EQ(no_data.outcome, Outcome::no_data);
    EXPECT_FALSE(no_data.secure);
    EXPECT_EQ(ask(*resolver, "nowhere.test.", RecordType::a).outcome, Outcome::no_domain);
    EXPECT_EQ(ask(*resolver, "dangling.test.", RecordType::a).outcome, Outcome::no_domain);
}

TEST_F(ResolverTest, FailuresOfServersAreTemporary) {
    server_.fail("broken.test.", 2);
    server_.fail("refused.test.", 5);
    const auto resolver = open(settings());
    for (const char* const failing : {"broken.test.", "refused.test."}) {
        const Answer answer = ask(*resolver, failing, RecordType::a);
        EXPECT_EQ(answer.outcome, Outcome::temporary) << failing;
        EXPECT_NE(answer.why, "") << failing;
        EXPECT_EQ(answer.canonical_name, name(failing));
    }
}

TEST_F(ResolverTest, RecordsThatCannotBeReadMakeTheAnswerTemporary) {
    server_.add("odd.test.", RecordType::tlsa, tlsa_rdata(3, 1, 1, "digest"));
    server_.add("odd.test.", RecordType::tlsa, std::string("\x03\x01", 2));
    const auto resolver = open(settings());
    const Answer answer = ask(*resolver, "odd.test.", RecordType::tlsa);
    EXPECT_EQ(answer.outcome, Outcome::temporary);
    EXPECT_TRUE(answer.records.empty());
}

TEST_F(ResolverTest, TruncatedAnswersAreFetchedOverTcp) {
    server_.add("big.test.", RecordType::txt, txt_rdata({"whole"}));
    server_.truncate("big.test.");
    const auto resolver = open(settings());
    EXPECT_THAT(run(texts(*resolver, name("big.test"))).texts, ElementsAre("whole"));
    EXPECT_GE(server_.times_asked(NameServer::Over::udp), 1u);
    EXPECT_EQ(server_.times_asked(NameServer::Over::tcp), 1u);
}

TEST_F(ResolverTest, ProtocolTcpNeverUsesUdp) {
    server_.add("host.test.", RecordType::a, address_rdata("192.0.2.1"));
    Settings tcp = settings();
    tcp.config.name_servers[0].protocol = Protocol::tcp;
    const auto resolver = open(tcp);
    EXPECT_EQ(ask(*resolver, "host.test.", RecordType::a).outcome, Outcome::found);
    EXPECT_EQ(server_.times_asked(NameServer::Over::udp), 0u);
}

TEST_F(ResolverTest, ABindAddressIsUsed) {
    server_.add("host.test.", RecordType::a, address_rdata("192.0.2.1"));
    Settings bound = settings();
    bound.config.name_servers[0].bind_addr = "127.0.0.1:0";
    EXPECT_EQ(ask(*open(bound), "host.test.", RecordType::a).outcome, Outcome::found);
    // From an address this machine does not have, nothing can be sent.
    bound.config.name_servers[0].bind_addr = "192.0.2.250:0";
    bound.options->timeout = 200ms;
    EXPECT_EQ(ask(*open(bound), "host.test.", RecordType::a).outcome, Outcome::temporary);
}

TEST_F(ResolverTest, AnswersAreRememberedAndACacheOfNoneHasTheLatestOnly) {
    server_.add("host.test.", RecordType::a, address_rdata("192.0.2.1"));
    server_.add("other.test.", RecordType::a, address_rdata("192.0.2.2"));
    const auto remembering = open(settings());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(*remembering, "host.test.", RecordType::a).outcome, Outcome::found);
    EXPECT_EQ(server_.times_asked("host.test."), 1u);

    Settings forgetful = settings();
    forgetful.options->cache_size = 0;
    const auto resolver = open(forgetful);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(ask(*resolver, "host.test.", RecordType::a).outcome, Outcome::found);
        EXPECT_EQ(ask(*resolver, "other.test.", RecordType::a).outcome, Outcome::found);
    }
    EXPECT_EQ(server_.times_asked("host.test."), 4u);
}

TEST_F(ResolverTest, ADefaultCacheHoldsTheAnswersItPromises) {
    Settings defaults = settings();
    const auto resolver = open(defaults);
    const auto wanted = defaults.options->cache_size;
    const auto host = [](std::size_t i) { return "h" + std::to_string(i) + ".test."; };
    for (std::size_t i = 0; i < wanted; ++i) server_.add(host(i), RecordType::a, address_rdata("192.0.2.1"));
    for (int turn = 0; turn < 2; ++turn)
        for (std::size_t i = 0; i < wanted; ++i)
            EXPECT_EQ(ask(*resolver, host(i), RecordType::a).outcome, Outcome::found);
    EXPECT_EQ(server_.asked().size(), wanted);
}

TEST_F(ResolverTest, ASilentServerEndsAtTheDeadlineAndIsAskedAgainLater) {
    server_.add("host.test.", RecordType::a, address_rdata("192.0.2.1"));
    server_.set_silent(true);
    Settings hasty = settings();
    hasty.options->timeout = 300ms;
    hasty.options->attempts = 2;
    const auto resolver = open(hasty);
    const Answer answer = ask(*resolver, "host.test.", RecordType::a);
    EXPECT_EQ(answer.outcome, Outcome::temporary);
    EXPECT_EQ(answer.why, "no answer within 600 ms");
    EXPECT_GE(server_.times_asked("host.test."), 1u);

    server_.set_silent(false);
    Answer later;
    for (int i = 0; i < 100 && later.outcome == Outcome::temporary; ++i)
        later = ask(*resolver, "host.test.", RecordType::a);
    EXPECT_EQ(later.outcome, Outcome::found);
}

// libunbound's own schedule gave up after three seconds on a server that had been quick before.
TEST_F(ResolverTest, AQuickServerMayTakeItsTimeUntilTheDeadline) {
    Settings patient = settings();
    patient.options->timeout = 4s;
    patient.options->attempts = 1;
    const auto resolver = open(patient);
    for (int i = 0; i < 30; ++i) (void)ask(*resolver, "h" + std::to_string(i) + ".test.", RecordType::a);
    server_.hold("slow.test.");
    EXPECT_EQ(ask(*resolver, "slow.test.", RecordType::a).why, "no answer within 4000 ms");
}

TEST_F(ResolverTest, OneOfTwoServersIsEnough) {
    server_.add("host.test.", RecordType::a, address_rdata("192.0.2.1"));
    NameServer silent;
    silent.set_silent(true);
    Settings two = settings();
    two.config.name_servers.insert(two.config.name_servers.begin(), {silent.socket_addr()});
    EXPECT_EQ(ask(*open(two), "host.test.", RecordType::a).outcome, Outcome::found);
}

TEST_F(ResolverTest, NamesWithoutFinalDotFollowTheSearchList) {
    server_.add("mx.first.test.", RecordType::a, address_rdata("192.0.2.1"));
    server_.add("mx.second.test.", RecordType::a, address_rdata("192.0.2.2"));
    server_.add("only.second.test.", RecordType::a, address_rdata("192.0.2.3"));
    server_.add("dotted.name.", RecordType::a, address_rdata("192.0.2.4"));
    server_.add("dotted.name.first.test.", RecordType::a, address_rdata("192.0.2.5"));
    server_.add("bare.", RecordType::a, address_rdata("192.0.2.6"));
    Settings searching = settings();
    searching.config.domain = "first.test";
    searching.config.search = {"second.test", "first.test"};
    const auto resolver = open(searching);
    const auto found = [&](std::string_view host) {
        const Answer answer = ask(*resolver, host, RecordType::a);
        return answer.records.empty() ? std::string(to_string(answer.outcome))
                                      : std::get<asio::ip::address>(answer.records[0]).to_string();
    };
    EXPECT_EQ(found("mx"), "192.0.2.1");
    EXPECT_EQ(found("only"), "192.0.2.3");
    EXPECT_EQ(found("mx."), "no_domain");
    EXPECT_EQ(found("dotted.name"), "192.0.2.4");
    EXPECT_EQ(found("bare"), "192.0.2.6");
    EXPECT_EQ(found("nowhere"), "no_domain");
}

TEST_F(ResolverTest, AFailureEndsTheSearch) {
    server_.fail("mx.first.test.", 2);
    server_.add("mx.second.test.", RecordType::a, address_rdata("192.0.2.2"));
    Settings searching = settings();
    searching.config.search = {"first.test", "second.test"};
    EXPECT_EQ(ask(*open(searching), "mx", RecordType::a).outcome, Outcome::temporary);
    EXPECT_EQ(server_.times_asked("mx.second.test."), 0u);
}

TEST_F(ResolverTest, TheHostsFileComesFirst) {
    server_.add("override.test.", RecordType::a, address_rdata("192.0.2.1"));
    server_.add("override.test.", RecordType::aaaa, address_rdata("2001:db8::1"));
    server_.add("override.test.", RecordType::mx, mx_rdata(10, "mx.test."));
    Settings with_hosts = settings();
    with_hosts.options->use_hosts_file = true;
    with_hosts.hosts_file = write("hosts", "198.51.100.1 override.test alias # comment\nnonsense x\n");
    const auto resolver = open(with_hosts);
    EXPECT_THAT(ask(*resolver, "Override.test", RecordType::a).all<asio::ip::address>(),
                ElementsAre(ip("198.51.100.1")));
    EXPECT_EQ(ask(*resolver, "override.test.", RecordType::aaaa).outcome, Outcome::no_data);
    EXPECT_THAT(ask(*resolver, "override.test.", RecordType::mx).all<Mx>(), ElementsAre(Mx{10, name("mx.test.")}));
    EXPECT_THAT(run(reverse(*resolver, ip("198.51.100.1"))).names, ElementsAre(name("override.test.")));
    EXPECT_EQ(server_.asked().size(), 1u);
    EXPECT_THAT(problems(), ElementsAre(with_hosts.hosts_file + ", line 2: 'nonsense' is no address"));

    with_hosts.options->use_hosts_file = false;
    EXPECT_THAT(ask(*open(with_hosts), "override.test.", RecordType::a).all<asio::ip::address>(),
                ElementsAre(ip("192.0.2.1")));
}

TEST_F(ResolverTest, AHostsFileAtTheLimitAndOnePast) {
    Settings with_hosts = settings();
    with_hosts.options->use_hosts_file = true;
    std::string content = "198.51.100.1 filed.test\n#";
    content.resize(limits::dns_system_file, '.');
    with_hosts.hosts_file = write("hosts", content);
    EXPECT_EQ(ask(*open(with_hosts), "filed.test.", RecordType::a).outcome, Outcome::found);
    EXPECT_THAT(problems(), ElementsAre());
    with_hosts.hosts_file = write("hosts", content + '.');
    EXPECT_EQ(ask(*open(with_hosts), "filed.test.", RecordType::a).outcome, Outcome::no_domain);
    EXPECT_THAT(problems(), ElementsAre(HasSubstr("more than 4194304 octets")));
}

TEST_F(ResolverTest, WhatCannotBeOpenedSaysWhyWithEveryAnswer) {
    Settings wrong = settings();
    wrong.config.name_servers[0].socket_addr = "ns.test:53";
    const Answer answer = ask(*open(wrong), "host.test.", RecordType::a);
    EXPECT_EQ(answer.outcome, Outcome::temporary);
    EXPECT_THAT(answer.why, HasSubstr("'ns.test:53' is no address"));
    EXPECT_THAT(problems(), ElementsAre(HasSubstr("config.name_servers[0].socket_addr")));

    Settings no_anchors = settings();
    no_anchors.options->dnssec = true;
    no_anchors.trust_anchor_file = "/nonexistent/root.key";
    EXPECT_THAT(ask(*open(no_anchors), "host.test.", RecordType::a).why, HasSubstr("/nonexistent/root.key"));
    no_anchors.trust_anchor_file = write("root.key", "these are no anchors\n");
    EXPECT_THAT(ask(*open(no_anchors), "host.test.", RecordType::a).why, HasSubstr(no_anchors.trust_anchor_file));
    EXPECT_EQ(problems().size(), 3u);
}

TEST_F(ResolverTest, MissingSystemFilesAreToldAndReplacedByTheirDefaults) {
    Settings system;
    system.resolv_conf = "/nonexistent/resolv.conf";
    system.hosts_file = "/nonexistent/hosts";
    system.options = Options{.timeout = 10ms, .attempts = 1};
    (void)ask(*open(system), "host.test.", RecordType::a);
    EXPECT_THAT(problems(), ElementsAre(HasSubstr("/nonexistent/resolv.conf: No such file"),
                                        HasSubstr("/nonexistent/hosts: No such file")));
}

}  // namespace
}  // namespace sluice::dns::test
