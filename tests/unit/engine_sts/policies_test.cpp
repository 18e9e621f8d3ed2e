// What is asked when, and what counts meanwhile.
#include <gmock/gmock.h>

#include "tests/unit/engine_sts/policies_fixture.hpp"

namespace sluice::sts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

TEST_F(PoliciesTest, Modes) {
    publish("e.test", policy(PolicyMode::enforce, {"mx.e.test", "*.b.test"}));
    publish("t.test", policy(PolicyMode::testing, {"mx.t.test"}), "2");
    publish("n.test", policy(PolicyMode::none, {}), "3");
    const PolicyAnswer enforce = find("e.test");
    EXPECT_EQ(text(enforce), "enforce mx.e.test *.b.test id 1");
    EXPECT_TRUE(enforce.allows("MX.e.test."));
    EXPECT_TRUE(enforce.allows("a.b.test"));
    EXPECT_FALSE(enforce.allows("b.test"));
    EXPECT_EQ(found("t.test"), "testing mx.t.test id 2");
    EXPECT_EQ(found("n.test"), "none id 3");
    EXPECT_EQ(found("other.test"), "-");
    EXPECT_TRUE(find("other.test").allows("any.host"));
    EXPECT_EQ(fetches("other.test"), 0) << "without a record nobody is asked";
    EXPECT_THAT(notes_, IsEmpty());
}

TEST_F(PoliciesTest, SpellingsOfADomain) {
    publish("xn--bcher-kva.test", policy(PolicyMode::enforce, {"mx.test"}));
    for (const char* spelling : {"xn--bcher-kva.test", "XN--Bcher-kva.TEST.",
                                 "b\xc3\xbc"
                                 "cher.test"}) {
        EXPECT_EQ(found(spelling), "enforce mx.test id 1") << spelling;
    }
    EXPECT_EQ(fetches("xn--bcher-kva.test"), 1);
    const std::size_t asked = resolver_->questions().size();
    for (const char* none : {"", ".", "a..b", "[192.0.2.1]", "192.0.2.1", "../etc/passwd", "a/b.test", "a b.test"}) {
        EXPECT_EQ(found(none), "-") << none;
    }
    EXPECT_EQ(resolver_->questions().size(), asked);
}

TEST_F(PoliciesTest, RecordsThatMeanNothing) {
    fetcher_->policies["a.test"] = policy(PolicyMode::enforce, {"mx.test"});
    texts("a.test", {"v=spf1 -all"});
    EXPECT_EQ(found("a.test"), "-");
    texts("a.test", {"v=STSv1; id=1", "v=STSv1; id=1"});
    EXPECT_EQ(found("a.test"), "- failure 0 TXT _mta-sts.a.test: 2 records that begin with v=STSv1");
    texts("a.test", {"v=STSv1; id=a_b"});
    EXPECT_THAT(found("a.test"), StartsWith("- failure 0 TXT _mta-sts.a.test: 'id=a_b'"));
    texts("a.test", {"v=spf1 -all", "v=STSv1; id=7", "v=STSv2; id=8"});
    EXPECT_EQ(found("a.test"), "enforce mx.test id 7");
}

TEST_F(PoliciesTest, WhileNothingChangesNothingIsFetched) {
    publish("a.test", policy(PolicyMode::enforce, {"mx.test"}));
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
        now_ += 4h;
    }
    EXPECT_EQ(fetches("a.test"), 1);
}

TEST_F(PoliciesTest, ANewIdIsFetchedAtOnce) {
    publish("a.test", policy(PolicyMode::testing, {"mx.test"}));
    EXPECT_EQ(found("a.test"), "testing mx.test id 1");
    publish("a.test", policy(PolicyMode::enforce, {"new.test"}), "2");
    EXPECT_EQ(found("a.test"), "enforce new.test id 2");
    EXPECT_EQ(fetches("a.test"), 2);
}

TEST_F(PoliciesTest, ADayOldPolicyIsRefreshedWithoutKeepingAnybodyWaiting) {
    publish("a.test", policy(PolicyMode::testing, {"mx.test"}));
    EXPECT_EQ(found("a.test"), "testing mx.test id 1");
    fetcher_->policies["a.test"] = policy(PolicyMode::enforce, {"mx.test"});
    now_ += 24h;
    fetcher_->held = true;
    std::string answer;
    asio::co_spawn(io_, policies_->find("a.test"), [&](std::exception_ptr, PolicyAnswer given) {
        answer = text(given);
        fetcher_->release();
    });
    run_all();
    EXPECT_EQ(answer, "testing mx.test id 1");
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
    EXPECT_EQ(fetches("a.test"), 2);
}

TEST_F(PoliciesTest, ACachedPolicyCountsWhateverHappens) {
    publish("a.test", policy(PolicyMode::enforce, {"mx.test"}));
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
    dns_fails("a.test");
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1 failure 0 TXT _mta-sts.a.test: temporary: SERVFAIL");
    texts("a.test", {});
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
    texts("a.test", {"v=STSv1; id=1", "v=STSv1; id=2"});
    EXPECT_THAT(found("a.test"), StartsWith("enforce mx.test id 1 failure 0"));
    fetcher_->policies.clear();
    id("a.test", "2");
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1 failure 1 status 404");
    EXPECT_EQ(fetches("a.test"), 2);
    EXPECT_THAT(notes_,
                ElementsAre("MTA-STS: no policy of a.test (sts-policy-fetch-error): status 404; the one with id "
                            "1 counts until 2023-11-21T22:13:20.000Z"));
    // until max_age is over
    now_ += 7 * 24h - 1s;
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1 failure 1 status 404");
    now_ += 1s;
    EXPECT_EQ(found("a.test"), "- failure 1 status 404");
}

TEST_F(PoliciesTest, MaxAgeZeroCountsForThoseWhoWaitedForIt) {
    publish("a.test", policy(PolicyMode::enforce, {"mx.test"}, 0));
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
    EXPECT_EQ(fetches("a.test"), 2);
    dns_fails("a.test");
    EXPECT_THAT(found("a.test"), StartsWith("- failure 0"));
}

TEST_F(PoliciesTest, FailuresOfEachKindAreTold) {
    id("a.test", "1");
    for (const Kind kind : {Kind::fetch_error, Kind::policy_invalid, Kind::webpki_invalid}) {
        fetcher_->failure = {kind, "why"};
        const PolicyAnswer answer = find("a.test");
        ASSERT_TRUE(answer.failure);
        EXPECT_EQ(*answer.failure, fetcher_->failure);
        EXPECT_FALSE(answer.policy);
        now_ += 5min;
    }
    EXPECT_EQ(report_type(Kind::fetch_error), "sts-policy-fetch-error");
    EXPECT_EQ(report_type(Kind::policy_invalid), "sts-policy-invalid");
    EXPECT_EQ(report_type(Kind::webpki_invalid), "sts-webpki-invalid");
    EXPECT_EQ(notes_.size(), 3u);
}

TEST_F(PoliciesTest, AfterAFailureTheDomainIsLeftAloneForFiveMinutes) {
    id("a.test", "1");
    EXPECT_EQ(found("a.test"), "- failure 1 status 404");
    publish("a.test", policy(PolicyMode::enforce, {"mx.test"}), "2");
    now_ += 5min - 1s;
    EXPECT_EQ(found("a.test"), "- failure 1 status 404");
    EXPECT_EQ(text(refresh("a.test")), "- failure 1 status 404");
    EXPECT_EQ(fetches("a.test"), 1);
    now_ += 1s;
    EXPECT_EQ(found("a.test"), "enforce mx.test id 2");
    EXPECT_EQ(fetches("a.test"), 2);
    EXPECT_EQ(found("a.test"), "enforce mx.test id 2") << "the failure is forgotten";
}

TEST_F(PoliciesTest, AFailureOfLongAgoIsNotToldForEver) {
    publish("a.test", policy(PolicyMode::enforce, {"mx.test"}));
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
    fetcher_->policies.clear();
    id("a.test", "2");
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1 failure 1 status 404");
    id("a.test", "1");
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1 failure 1 status 404");
    now_ += 5min;
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
}

TEST_F(PoliciesTest, ADomainThatIsLeavingIsNoNews) {
    publish("a.test", policy(PolicyMode::none, {}, 86400));
    EXPECT_EQ(found("a.test"), "none id 1");
    fetcher_->policies.clear();
    now_ += 13h;
    EXPECT_THAT(found("a.test"), StartsWith("none id 1"));
    EXPECT_EQ(fetches("a.test"), 2);
    EXPECT_THAT(notes_, IsEmpty());
}

TEST_F(PoliciesTest, RefreshFetchesOnceAndNotAgainAtOnce) {
    publish("a.test", policy(PolicyMode::enforce, {"old.test"}));
    EXPECT_EQ(found("a.test"), "enforce old.test id 1");
    now_ += 5min;
    fetcher_->policies["a.test"] = policy(PolicyMode::enforce, {"new.test"});
    EXPECT_EQ(found("a.test"), "enforce old.test id 1");
    EXPECT_EQ(text(refresh("a.test")), "enforce new.test id 1");
    EXPECT_EQ(text(refresh("a.test")), "enforce new.test id 1");
    EXPECT_EQ(fetches("a.test"), 2);
    EXPECT_EQ(text(refresh("other.test")), "-");
}

}  // namespace
}  // namespace sluice::sts
