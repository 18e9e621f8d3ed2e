// dns:: and net::dnsbl: rules look as if they waited, and nothing else does. What vsl-rules.md 9.11 has of them:
// tests/conformance/tables/small_modules.txt.
#include "stage_fixture.hpp"

namespace sluice::filter::test {
namespace {

using dns::RecordType;
using smtp::Stage;

dns::Name name(std::string_view text) { return *dns::Name::parse(text); }
asio::ip::address ip(const char* text) { return asio::ip::make_address(text); }

class DnsFunctions : public StageFixture {
  protected:
    void answers(std::string_view of, dns::Outcome outcome) {
        dns::Answer answer;
        answer.outcome = outcome;
        answer.why = "SERVFAIL";
        for (const auto type : {RecordType::a, RecordType::aaaa, RecordType::mx, RecordType::txt})
            resolver_->set(name(of), type, answer);
    }
};

TEST_F(DnsFunctions, HelpersGiveTexts) {
    resolver_->set(name("example.net"), RecordType::mx, {dns::Mx{20, name("b.test.")}, dns::Mx{10, name("a.test.")}});
    EXPECT_EQ(value(Stage::mail,
                    "{ let all = \"\"; for m in dns::mx(ctx::mail_from().domain) { all += "
                    "`${m.preference} ${m.exchange} `; } all }"),
              "10 a.test. 20 b.test. ");
    resolver_->set(name("example.net"), RecordType::txt, {dns::Txt{"v=spf1 -all"}});
    EXPECT_EQ(value(Stage::connect, "dns::txt(\"example.net\")[0]"), "v=spf1 -all");
}

TEST_F(DnsFunctions, WhatIsNotThereIsAnErrorOfLookUpAndNoneOfTheHelpers) {
    EXPECT_EQ(value(Stage::connect, "dns::lookup(\"nothing.test\")"), "throws: no addresses of 'nothing.test' exist");
    EXPECT_EQ(value(Stage::connect, "dns::rlookup(\"192.0.2.9\")"), "throws: no names of '192.0.2.9' exist");
    EXPECT_EQ(value(Stage::connect, "dns::mx(\"nothing.test\").len()"), "0");
    EXPECT_EQ(value(Stage::connect, "dns::txt(\"nothing.test\").len()"), "0");
    EXPECT_EQ(value(Stage::connect, "dns::rlookup(\"nonsense\")"), "throws: 'nonsense' is not an IP address");
    EXPECT_TRUE(value(Stage::connect, "dns::lookup(\"a..b\")").starts_with("throws: 'a..b' is not a name of the DNS"));
}

TEST_F(DnsFunctions, NoAnswerIsAnErrorOfAll) {
    answers("broken.test", dns::Outcome::temporary);
    for (const auto* function : {"lookup", "mx", "txt"})
        EXPECT_EQ(value(Stage::connect, "dns::" + std::string(function) + "(\"broken.test\")"),
                  "throws: the DNS does not answer for 'broken.test': temporary (SERVFAIL)")
            << function;
}

TEST_F(DnsFunctions, ListsAreAskedForTheClient) {
    EXPECT_EQ(value(Stage::connect, "net::dnsbl(\"list.test\").len()"), "0");
    resolver_->set(name("7.2.0.192.list.test"), RecordType::a, {ip("127.0.0.4"), ip("127.0.0.2")});
    EXPECT_EQ(value(Stage::connect, "net::dnsbl(\"list.test\") == [\"127.0.0.2\", \"127.0.0.4\"]"), "true");
}

TEST_F(DnsFunctions, RulesBehindAWaitGoOnWhereTheyWere) {
    resolver_->set(name("a.test"), RecordType::a, {ip("192.0.2.1")});
    resolver_->set(name("b.test"), RecordType::a, {ip("192.0.2.2")});
    resolver_->delay(std::chrono::milliseconds(1));
    EXPECT_EQ(value(Stage::connect,
                    "[\"a.test\", \"b.test\"].map(|n| dns::lookup(n)[0]).filter(|i| i in "
                    "rg4(\"192.0.2.2/32\")).len()"),
              "1");
    EXPECT_EQ(resolver_->questions().size(), 2u);
}

}  // namespace
}  // namespace sluice::filter::test
