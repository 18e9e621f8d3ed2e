// When a policy is fetched: every state of what is known, with every answer of the DNS.
#include "engine/sts/fetch_plan.hpp"

#include <gtest/gtest.h>

namespace sluice::sts {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kDay = 24h;
const TimePoint kNow = TimePoint(1'700'000'000s);

Known cached(std::chrono::seconds age, std::uint32_t max_age = 7 * 86400) {
    Known known;
    known.cached = std::make_shared<const CachedPolicy>(
        CachedPolicy{{PolicyMode::enforce, {"mx.test"}, max_age}, "one", kNow - age});
    return known;
}
Known failed(Known known, std::chrono::seconds ago) {
    known.failed = {kNow - ago, {}};
    return known;
}

const Discovery kSame{"one", {}};
const Discovery kNew{"two", {}};
const Discovery kAbsent{};
const Discovery kSilent{std::nullopt, FetchFailure{FetchFailure::Kind::discovery, "SERVFAIL"}};

FetchPlan plan(const Known& known, const Discovery& discovery, bool asked = false) {
    return plan_fetch(known, discovery, kNow, asked, {});
}

TEST(FetchPlan, NothingKnown) {
    for (const bool asked : {false, true}) {
        EXPECT_EQ(plan({}, kNew, asked), FetchPlan::first);
        EXPECT_EQ(plan({}, kAbsent, asked), FetchPlan::none);
        EXPECT_EQ(plan({}, kSilent, asked), FetchPlan::none);
    }
}

TEST(FetchPlan, AFreshPolicyIsFetchedOnlyWhenTheIdIsNew) {
    EXPECT_EQ(plan(cached(1h), kSame), FetchPlan::none);
    EXPECT_EQ(plan(cached(1h), kAbsent), FetchPlan::none);
    EXPECT_EQ(plan(cached(1h), kSilent), FetchPlan::none);
    EXPECT_EQ(plan(cached(0s), kNew), FetchPlan::first);
}

TEST(FetchPlan, ADayOldItIsRefreshedBehindTheAnswer) {
    EXPECT_EQ(plan(cached(kDay - 1s), kSame), FetchPlan::none);
    EXPECT_EQ(plan(cached(kDay), kSame), FetchPlan::behind);
    EXPECT_EQ(plan(cached(kDay), kAbsent), FetchPlan::behind);
    EXPECT_EQ(plan(cached(kDay), kSilent), FetchPlan::behind);
    EXPECT_EQ(plan(cached(kDay), kNew), FetchPlan::first);
}

TEST(FetchPlan, AShortLifeIsRefreshedAtHalfOfIt) {
    EXPECT_EQ(plan(cached(499s, 1000), kSame), FetchPlan::none);
    EXPECT_EQ(plan(cached(500s, 1000), kSame), FetchPlan::behind);
}

TEST(FetchPlan, AtMaxAgeItIsGone) {
    EXPECT_EQ(plan(cached(999s, 1000), kSilent), FetchPlan::behind);
    EXPECT_EQ(plan(cached(1000s, 1000), kSilent), FetchPlan::none);
    EXPECT_EQ(plan(cached(1000s, 1000), kAbsent), FetchPlan::none);
    EXPECT_EQ(plan(cached(1000s, 1000), kSame), FetchPlan::first);
    EXPECT_EQ(plan(cached(0s, 0), kSame), FetchPlan::first);
}

TEST(FetchPlan, AfterAFailureThereIsARest) {
    for (const bool asked : {false, true}) {
        EXPECT_EQ(plan(failed({}, 299s), kNew, asked), FetchPlan::none);
        EXPECT_EQ(plan(failed({}, 300s), kNew, asked), FetchPlan::first);
        EXPECT_EQ(plan(failed(cached(2 * kDay), 299s), kNew, asked), FetchPlan::none);
    }
    EXPECT_EQ(plan(failed(cached(2 * kDay), 300s), kSame), FetchPlan::behind);
}

TEST(FetchPlan, BeforeABounceWhatIsKnownIsLookedAtAgain) {
    EXPECT_EQ(plan(cached(299s), kSame, true), FetchPlan::none);
    EXPECT_EQ(plan(cached(300s), kSame, true), FetchPlan::first);
    EXPECT_EQ(plan(cached(300s), kSilent, true), FetchPlan::first);
    EXPECT_EQ(plan(cached(0s), kNew, true), FetchPlan::first);
}

TEST(FetchPlan, AClockThatWasSetBackNeitherExpiresNorBlocks) {
    EXPECT_EQ(plan(cached(-1h), kSame), FetchPlan::behind);
    EXPECT_EQ(plan(failed({}, -1h), kNew), FetchPlan::first);
}

}  // namespace
}  // namespace sluice::sts
