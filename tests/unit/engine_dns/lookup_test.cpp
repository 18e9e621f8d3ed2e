// The questions of mail, on fake answers.
#include "engine/dns/lookup.hpp"

#include <gmock/gmock.h>

#include <set>

#include "engine/dns/fake_resolver.hpp"
#include "tests/unit/engine_dns/resolving.hpp"

namespace sluice::dns::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class LookupTest : public testing::Test {
  protected:
    void fail(std::string_view host, RecordType type, Outcome outcome) {
        Answer answer;
        answer.outcome = outcome;
        answer.why = "as told";
        fake_.set(name(host), type, answer);
    }
    std::vector<std::string> asked() const {
        std::vector<std::string> texts;
        for (const auto& question : fake_.questions())
            texts.push_back(question.name.text() + ' ' + std::string(to_string(question.type)));
        return texts;
    }
    Addresses host(IpStrategy strategy) { return run(addresses(fake_, name("host.test."), strategy)); }

    FakeResolver fake_;
};

TEST_F(LookupTest, StrategiesAskForWhatTheySay) {
    fake_.set(name("host.test"), RecordType::a, {ip("192.0.2.1")});
    fake_.set(name("host.test"), RecordType::aaaa, {ip("2001:db8::1")});
    const auto v4 = ip("192.0.2.1");
    const auto v6 = ip("2001:db8::1");
    EXPECT_THAT(host(IpStrategy::ipv4_only).addresses, ElementsAre(v4));
    EXPECT_THAT(host(IpStrategy::ipv6_only).addresses, ElementsAre(v6));
    EXPECT_THAT(host(IpStrategy::ipv4_then_ipv6).addresses, ElementsAre(v4));
    EXPECT_THAT(host(IpStrategy::ipv6_then_ipv4).addresses, ElementsAre(v6));
    EXPECT_THAT(asked(), ElementsAre("host.test. A", "host.test. AAAA", "host.test. A", "host.test. AAAA"));
    EXPECT_THAT(host(IpStrategy::ipv4_and_ipv6).addresses, ElementsAre(v4, v6));
    EXPECT_EQ(asked().size(), 6u);
}

TEST_F(LookupTest, TheSecondFamilyIsAskedWhereTheFirstHasNothing) {
    fake_.set(name("host.test"), RecordType::aaaa, {ip("2001:db8::1")}, true);
    EXPECT_THAT(host(IpStrategy::ipv4_then_ipv6).addresses, ElementsAre(ip("2001:db8::1")));
    EXPECT_THAT(asked(), ElementsAre("host.test. A", "host.test. AAAA"));
    fail("host.test", RecordType::a, Outcome::temporary);
    const auto found = host(IpStrategy::ipv4_then_ipv6);
    EXPECT_EQ(found.outcome, Outcome::found);
    EXPECT_TRUE(found.secure);
    EXPECT_THAT(host(IpStrategy::ipv4_and_ipv6).addresses, ElementsAre(ip("2001:db8::1")));
}

TEST_F(LookupTest, WithoutAddressesTheWorseNewsCounts) {
    const auto outcome = [&](Outcome v4, Outcome v6) {
        fail("host.test", RecordType::a, v4);
        fail("host.test", RecordType::aaaa, v6);
        const auto one = host(IpStrategy::ipv4_then_ipv6).outcome;
        EXPECT_EQ(host(IpStrategy::ipv4_and_ipv6).outcome, one);
        EXPECT_EQ(host(IpStrategy::ipv6_then_ipv4).outcome, one);
        return one;
    };
    EXPECT_EQ(outcome(Outcome::no_domain, Outcome::no_domain), Outcome::no_domain);
    EXPECT_EQ(outcome(Outcome::no_data, Outcome::no_domain), Outcome::no_data);
    EXPECT_EQ(outcome(Outcome::no_data, Outcome::temporary), Outcome::temporary);
    EXPECT_EQ(outcome(Outcome::bogus, Outcome::temporary), Outcome::bogus);
}

TEST_F(LookupTest, AddressesAreSecureOnlyTogether) {
    fake_.set(name("host.test"), RecordType::a, {ip("192.0.2.1")}, true);
    fake_.set(name("host.test"), RecordType::aaaa, {ip("2001:db8::1")}, false);
    EXPECT_TRUE(host(IpStrategy::ipv4_only).secure);
    EXPECT_FALSE(host(IpStrategy::ipv4_and_ipv6).secure);
    fake_.set(name("host.test"), RecordType::aaaa, {}, true);
    EXPECT_TRUE(host(IpStrategy::ipv4_and_ipv6).secure);
}

TEST_F(LookupTest, AnAddressIsItsOwnAddress) {
    EXPECT_THAT(run(addresses(fake_, name("192.0.2.1"), IpStrategy::ipv6_only)).addresses,
                ElementsAre(ip("192.0.2.1")));
    EXPECT_THAT(run(addresses(fake_, name("2001:DB8::1"), IpStrategy::ipv4_only)).addresses,
                ElementsAre(ip("2001:db8::1")));
    EXPECT_THAT(asked(), IsEmpty());
    // An MX that names an address has a final dot and is no address (RFC 5321 5.1).
    EXPECT_EQ(run(addresses(fake_, name("192.0.2.1."), IpStrategy::ipv4_only)).outcome, Outcome::no_domain);
}

TEST_F(LookupTest, EqualPreferencesComeInRandomOrder) {
    fake_.set(name("example.test"), RecordType::mx,
              {Mx{10, name("a.")}, Mx{10, name("b.")}, Mx{5, name("first.")}, Mx{20, name("last.")}});
    std::set<std::string> orders;
    for (int i = 0; i < 64; ++i) {
        const auto hosts = run(mail_exchangers(fake_, name("example.test"))).hosts;
        ASSERT_EQ(hosts.size(), 4u);
        EXPECT_EQ(hosts[0].exchange, name("first."));
        EXPECT_EQ(hosts[3].exchange, name("last."));
        orders.insert(hosts[1].exchange.text() + hosts[2].exchange.text());
    }
    EXPECT_THAT(orders, ElementsAre("a.b.", "b.a."));
}

TEST_F(LookupTest, NullMxAloneCounts) {
    fake_.set(name("null.test"), RecordType::mx, {Mx{0, Name()}}, true);
    const auto null = run(mail_exchangers(fake_, name("null.test")));
    EXPECT_EQ(null.outcome, Outcome::found);
    EXPECT_TRUE(null.null_mx);
    EXPECT_TRUE(null.secure);
    EXPECT_THAT(null.hosts, IsEmpty());
    fake_.set(name("mixed.test"), RecordType::mx, {Mx{0, Name()}, Mx{10, name("mx.test.")}});
    const auto mixed = run(mail_exchangers(fake_, name("mixed.test")));
    EXPECT_FALSE(mixed.null_mx);
    EXPECT_THAT(mixed.hosts, ElementsAre(Mx{10, name("mx.test.")}));
}

TEST_F(LookupTest, OnlyAProvenLackOfMxIsImplicit) {
    fake_.set(name("host.test"), RecordType::a, {ip("192.0.2.1")});
    const auto implicit = run(mail_exchangers(fake_, name("host.test")));
    EXPECT_TRUE(implicit.implicit);
    EXPECT_THAT(implicit.hosts, ElementsAre(Mx{0, name("host.test.")}));
    EXPECT_EQ(implicit.why, "");
    EXPECT_THAT(asked(), ElementsAre("host.test. MX"));
    for (const Outcome failed : {Outcome::temporary, Outcome::bogus, Outcome::no_domain}) {
        fail("failing.test", RecordType::mx, failed);
        const auto result = run(mail_exchangers(fake_, name("failing.test")));
        EXPECT_EQ(result.outcome, failed);
        EXPECT_FALSE(result.implicit);
        EXPECT_THAT(result.hosts, IsEmpty());
        EXPECT_EQ(result.why, "as told");
    }
}

TEST_F(LookupTest, OnlyLoopbackAnswersAreListings) {
    fake_.set(name("99.2.0.192.bl.test"), RecordType::a, {ip("127.0.0.4"), ip("192.0.2.1"), ip("127.0.0.2")});
    fake_.set(name("98.2.0.192.bl.test"), RecordType::a, {ip("198.51.100.1")});
    const auto listed = run(dnsbl(fake_, name("bl.test"), ip("192.0.2.99")));
    EXPECT_EQ(listed.outcome, Outcome::found);
    EXPECT_THAT(listed.codes, ElementsAre(ip("127.0.0.2").to_v4(), ip("127.0.0.4").to_v4()));
    const auto parked = run(dnsbl(fake_, name("bl.test"), ip("192.0.2.98")));
    EXPECT_EQ(parked.outcome, Outcome::no_data);
    EXPECT_NE(parked.why, "");
    EXPECT_EQ(run(dnsbl(fake_, name("bl.test"), ip("192.0.2.97"))).outcome, Outcome::no_domain);
    EXPECT_EQ(asked().back(), "97.2.0.192.bl.test. A");
    std::string zone;
    while (zone.size() < 240) zone += "0123456789.";
    const auto no_room = run(dnsbl(fake_, name(zone), ip("2001:db8::1")));
    EXPECT_EQ(no_room.outcome, Outcome::no_domain);
    EXPECT_THAT(no_room.why, testing::HasSubstr("has more than 253 characters"));
    EXPECT_EQ(asked().size(), 3u);
}

TEST_F(LookupTest, TextsAndReverseNames) {
    fake_.set(name("example.test"), RecordType::txt, {Txt{"v=spf1 -all"}, Txt{"other"}}, true);
    fake_.set(name("1.2.0.192.in-addr.arpa"), RecordType::ptr, {name("mail.test.")});
    const auto found = run(texts(fake_, name("example.test")));
    EXPECT_THAT(found.texts, ElementsAre("v=spf1 -all", "other"));
    EXPECT_TRUE(found.secure);
    EXPECT_THAT(run(reverse(fake_, ip("192.0.2.1"))).names, ElementsAre(name("mail.test.")));
    EXPECT_EQ(run(reverse(fake_, ip("192.0.2.2"))).outcome, Outcome::no_domain);
}

TEST_F(LookupTest, FakeAnswersKnowWhichNamesExist) {
    fake_.set(name("Host.test"), RecordType::a, {ip("192.0.2.1")});
    EXPECT_EQ(run(fake_.query(name("host.test"), RecordType::mx)).outcome, Outcome::no_data);
    EXPECT_EQ(run(fake_.query(name("other.test"), RecordType::mx)).outcome, Outcome::no_domain);
    EXPECT_EQ(run(fake_.query(name("host.test."), RecordType::a)).canonical_name, name("host.test."));
}

TEST_F(LookupTest, AFakeAnswerThatComesLaterCanBeCancelled) {
    fake_.set(name("host.test"), RecordType::a, {ip("192.0.2.1")});
    fake_.delay(1ms);
    EXPECT_EQ(run(fake_.query(name("host.test."), RecordType::a)).outcome, Outcome::found);
    fake_.delay(1h);
    asio::io_context io;
    asio::cancellation_signal cancel;
    Outcome outcome = Outcome::found;
    asio::co_spawn(io, fake_.query(name("host.test."), RecordType::a),
                   asio::bind_cancellation_slot(
                       cancel.slot(), [&](std::exception_ptr, const Answer& answer) { outcome = answer.outcome; }));
    asio::post(io, [&] { cancel.emit(asio::cancellation_type::terminal); });
    io.run();
    EXPECT_EQ(outcome, Outcome::temporary);
}

}  // namespace
}  // namespace sluice::dns::test
