// Validation of a zone that is signed here; its key is the only trust anchor.
#include <gmock/gmock.h>

#include "engine/dns/lookup.hpp"
#include "tests/unit/engine_dns/resolving.hpp"
#include "tests/unit/engine_dns/signer.hpp"

namespace sluice::dns::test {
namespace {

using testing::ElementsAre;

class DnssecTest : public ResolvingTest {
  protected:
    DnssecTest() {
        zone_.add("host.signed.test.", RecordType::a, {address_rdata("192.0.2.1"), address_rdata("192.0.2.2")});
        zone_.add("_25._tcp.host.signed.test.", RecordType::tlsa, {tlsa_rdata(3, 1, 1, "digest")});
        zone_.add("alias.signed.test.", RecordType::cname, {wire_name("host.signed.test.")});
        zone_.add("out.signed.test.", RecordType::cname, {wire_name("host.plain.test.")});
        zone_.add_types("host.signed.test.", "next.signed.test.", {1, 46, 47});
        server_.add("host.plain.test.", RecordType::a, address_rdata("192.0.2.3"));
    }
    std::shared_ptr<Resolver> validating() {
        Settings with_anchor = settings();
        with_anchor.options->dnssec = true;
        with_anchor.trust_anchor_file = write("anchor.key", zone_.trust_anchor());
        return open(with_anchor);
    }

    Signer zone_{server_, "signed.test."};
};

TEST_F(DnssecTest, SignedAnswersAreSecure) {
    const auto resolver = validating();
    const Answer a = ask(*resolver, "host.signed.test.", RecordType::a);
    EXPECT_EQ(a.outcome, Outcome::found) << a.why;
    EXPECT_TRUE(a.secure);
    EXPECT_EQ(a.records.size(), 2u);
    const Answer tlsa = ask(*resolver, "_25._tcp.host.signed.test.", RecordType::tlsa);
    EXPECT_TRUE(tlsa.secure) << tlsa.why;
    EXPECT_THAT(tlsa.all<Tlsa>(), ElementsAre(Tlsa{3, 1, 1, "digest"}));
}

TEST_F(DnssecTest, AnAliasIsAsSecureAsItsWeakestStep) {
    const auto resolver = validating();
    const Answer inside = ask(*resolver, "alias.signed.test.", RecordType::a);
    EXPECT_TRUE(inside.secure) << inside.why;
    EXPECT_EQ(inside.canonical_name, name("host.signed.test."));
    const Answer outside = ask(*resolver, "out.signed.test.", RecordType::a);
    EXPECT_EQ(outside.outcome, Outcome::found) << outside.why;
    EXPECT_FALSE(outside.secure);
    // What DANE wants to know then (RFC 7672 2.2.2).
    EXPECT_TRUE(ask(*resolver, "out.signed.test.", RecordType::cname).secure);
}

TEST_F(DnssecTest, ProvenAbsenceIsSecure) {
    const auto resolver = validating();
    const Answer answer = ask(*resolver, "host.signed.test.", RecordType::tlsa);
    EXPECT_EQ(answer.outcome, Outcome::no_data) << answer.why;
    EXPECT_TRUE(answer.secure);
    const auto implicit = run(mail_exchangers(*resolver, name("host.signed.test")));
    EXPECT_TRUE(implicit.implicit);
    EXPECT_TRUE(implicit.secure);
}

TEST_F(DnssecTest, UnsignedZonesAreFoundAndNotSecure) {
    const Answer answer = ask(*validating(), "host.plain.test.", RecordType::a);
    EXPECT_EQ(answer.outcome, Outcome::found) << answer.why;
    EXPECT_FALSE(answer.secure);
}

TEST_F(DnssecTest, ForgedMissingAndUnprovenAnswersAreBogus) {
    zone_.add("forged.signed.test.", RecordType::a, {address_rdata("192.0.2.1")});
    server_.add("forged.signed.test.", RecordType::a, address_rdata("203.0.113.66"));
    server_.add("stripped.signed.test.", RecordType::a, address_rdata("192.0.2.1"));
    const auto resolver = validating();
    for (const char* const host : {"forged.signed.test.", "stripped.signed.test.", "nowhere.signed.test."}) {
        const Answer answer = ask(*resolver, host, RecordType::a);
        EXPECT_EQ(answer.outcome, Outcome::bogus) << host;
        EXPECT_FALSE(answer.secure) << host;
        EXPECT_TRUE(answer.records.empty()) << host;
        EXPECT_NE(answer.why, "") << host;
    }
}

TEST_F(DnssecTest, WithoutTheOptionNothingIsSecureOrBogus) {
    server_.add("stripped.signed.test.", RecordType::a, address_rdata("192.0.2.1"));
    const auto resolver = open(settings());
    const Answer answer = ask(*resolver, "host.signed.test.", RecordType::a);
    EXPECT_EQ(answer.outcome, Outcome::found);
    EXPECT_FALSE(answer.secure);
    EXPECT_EQ(ask(*resolver, "stripped.signed.test.", RecordType::a).outcome, Outcome::found);
}

// The built-in anchors are those of the root, which this server does not have: what it says cannot be right.
TEST_F(DnssecTest, TheAnchorsOfTheRootAreBuiltIn) {
    Settings built_in = settings();
    built_in.options->dnssec = true;
    const Answer answer = ask(*open(built_in), "host.plain.test.", RecordType::a);
    EXPECT_EQ(answer.outcome, Outcome::bogus) << answer.why;
}

}  // namespace
}  // namespace sluice::dns::test
