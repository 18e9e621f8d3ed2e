// When TLSA records count (RFC 7672 2, table of tls.md 4.1).
#include "engine/deliver/dane.hpp"

#include <gtest/gtest.h>

#include "engine/dns/fake_resolver.hpp"

namespace sluice::deliver {
namespace {

class DaneTest : public testing::Test {
  protected:
    static dns::Name name(const std::string& text) { return *dns::Name::parse(text); }
    void address(const std::string& host, bool secure) {
        resolver_.set(name(host), dns::RecordType::a, {asio::ip::make_address("192.0.2.1")}, secure);
    }
    void alias(const std::string& host, const std::string& target, bool target_secure, bool alias_secure) {
        dns::Answer answer;
        answer.outcome = dns::Outcome::found;
        answer.secure = target_secure;
        answer.canonical_name = name(target).absolute();
        answer.records = {asio::ip::make_address("192.0.2.1")};
        resolver_.set(name(host), dns::RecordType::a, answer);
        resolver_.set(name(host), dns::RecordType::cname, {name(target).absolute()}, alias_secure);
    }
    void tlsa(const std::string& base, std::vector<dns::Tlsa> records, bool secure = true) {
        std::vector<dns::Record> all(records.begin(), records.end());
        resolver_.set(name("_25._tcp." + base), dns::RecordType::tlsa, std::move(all), secure);
    }
    void fails(const std::string& host, dns::RecordType type, dns::Outcome outcome) {
        dns::Answer answer;
        answer.outcome = outcome;
        answer.why = "SERVFAIL";
        resolver_.set(name(host), type, answer);
    }
    DaneFinding find(const std::string& host) {
        asio::io_context io;
        DaneFinding finding;
        asio::co_spawn(
            io, [&]() -> asio::awaitable<void> { finding = co_await find_dane(resolver_, host, 25); }, asio::detached);
        io.run();
        return finding;
    }
    bool asked_for_tlsa() const {
        for (const auto& question : resolver_.questions())
            if (question.type == dns::RecordType::tlsa) return true;
        return false;
    }

    dns::FakeResolver resolver_;
    const dns::Tlsa good_{3, 1, 1, std::string(32, 'k')};
};

TEST_F(DaneTest, RecordsOfASignedHostCount) {
    address("mx.test", true);
    tlsa("mx.test", {good_, {0, 0, 1, std::string(32, 'k')}});
    const DaneFinding got = find("mx.test");
    EXPECT_EQ(got.state, DaneState::usable);
    EXPECT_EQ(got.base, "mx.test");
    EXPECT_EQ(got.records.size(), 1u);
}

TEST_F(DaneTest, AnUnsignedHostIsNotAsked) {
    address("mx.test", false);
    tlsa("mx.test", {good_});
    EXPECT_EQ(find("mx.test").state, DaneState::not_applicable);
    EXPECT_FALSE(asked_for_tlsa());
}

TEST_F(DaneTest, RecordsThatAreNotSignedDoNotCount) {
    address("mx.test", true);
    tlsa("mx.test", {good_}, false);
    EXPECT_EQ(find("mx.test").state, DaneState::not_applicable);
}

TEST_F(DaneTest, WithoutRecordsItDoesNotApply) {
    address("mx.test", true);
    EXPECT_EQ(find("mx.test").state, DaneState::not_applicable);
    EXPECT_TRUE(asked_for_tlsa());
}

TEST_F(DaneTest, RecordsNobodyCanUseStillMeanTls) {
    address("mx.test", true);
    tlsa("mx.test", {{1, 1, 1, std::string(32, 'k')}, {3, 9, 1, std::string(32, 'k')}, {3, 1, 1, "short"}});
    const DaneFinding got = find("mx.test");
    EXPECT_EQ(got.state, DaneState::unusable);
    EXPECT_TRUE(got.records.empty());
}

TEST_F(DaneTest, FailedLookUpsForbidTheHost) {
    for (const auto outcome : {dns::Outcome::temporary, dns::Outcome::bogus}) {
        address("mx.test", true);
        fails("_25._tcp.mx.test", dns::RecordType::tlsa, outcome);
        const DaneFinding got = find("mx.test");
        EXPECT_EQ(got.state, DaneState::failed);
        EXPECT_NE(got.why.find("SERVFAIL"), std::string::npos);
    }
    fails("bogus.test", dns::RecordType::a, dns::Outcome::bogus);
    EXPECT_EQ(find("bogus.test").state, DaneState::failed);
}

TEST_F(DaneTest, OfASignedAliasTheTargetIsAskedFirst) {
    alias("mx.test", "real.test", true, true);
    tlsa("mx.test", {good_});
    EXPECT_EQ(find("mx.test").base, "mx.test");
    tlsa("real.test", {good_});
    EXPECT_EQ(find("mx.test").base, "real.test");
}

TEST_F(DaneTest, ASignedAliasOfAnUnsignedHostVouchesForItsOwnName) {
    alias("mx.test", "hoster.test", false, true);
    tlsa("mx.test", {good_});
    tlsa("hoster.test", {good_});
    const DaneFinding got = find("mx.test");
    EXPECT_EQ(got.state, DaneState::usable);
    EXPECT_EQ(got.base, "mx.test");
}

TEST_F(DaneTest, AnUnsignedAliasVouchesForNothing) {
    alias("mx.test", "hoster.test", false, false);
    tlsa("mx.test", {good_});
    EXPECT_EQ(find("mx.test").state, DaneState::not_applicable);
}

TEST_F(DaneTest, AddressesAreNoHosts) {
    for (const char* address : {"192.0.2.1", "2001:db8::1", "[192.0.2.1]"})
        EXPECT_EQ(find(address).state, DaneState::not_applicable) << address;
    EXPECT_TRUE(resolver_.questions().empty());
}

}  // namespace
}  // namespace sluice::deliver
