// The table of tls.md 4.1 row by row: what mode, DANE and MTA-STS come to for one host.
#include "engine/deliver/tls_plan.hpp"

#include <gtest/gtest.h>

namespace sluice::deliver {
namespace {

using tls::Demand;
using tls_policy::Extra;
using tls_policy::Level;
using tls_policy::Mode;
using tls_policy::Verify;

const std::string kDigest(32, 'd');

DaneFinding dane(DaneState state) {
    DaneFinding finding{state, state == DaneState::not_applicable ? "" : "base.test", {}, {}};
    if (state == DaneState::usable) finding.records.push_back({3, 1, 1, kDigest});
    return finding;
}

sts::PolicyAnswer sts_policy(sts::PolicyMode mode, std::vector<std::string> mx = {"mx.d.test"}) {
    sts::PolicyAnswer answer;
    answer.mode = mode;
    answer.policy = std::make_shared<const sts::Policy>(sts::Policy{mode, std::move(mx), 86400});
    return answer;
}

TlsPlan plan(const tls_policy::Keys& keys, const DaneFinding& finding = {}, const sts::PolicyAnswer& policy = {}) {
    tls_policy::Scopes scopes;
    scopes.global = keys;
    const auto effective = resolve(scopes, "d.test", "");
    return plan_tls({effective, "d.test", "mx.d.test", finding, policy});
}

tls_policy::Keys with(Mode mode) {
    tls_policy::Keys keys;
    keys.mode = mode;
    return keys;
}

struct Row {
    const char* name;
    Mode mode;
    DaneState dane;
    sts::PolicyMode sts;
    Level level;
    bool fallback;
    Demand demand;
    PlannedBy by;
    const char* refusal;
};
class PlanTable : public testing::TestWithParam<Row> {};

TEST_P(PlanTable, Row) {
    const Row& row = GetParam();
    const TlsPlan got = plan(with(row.mode), dane(row.dane), sts_policy(row.sts));
    EXPECT_EQ(got.refusal.value_or(""), row.refusal);
    EXPECT_EQ(got.by, row.by);
    if (got.refusal) return;
    EXPECT_EQ(got.level, row.level);
    EXPECT_EQ(got.fallback, row.fallback);
    EXPECT_EQ(got.demand, row.demand);
}

using D = DaneState;
using S = sts::PolicyMode;
constexpr const char* kNo = "";
constexpr const char* kLookup = "451 4.7.5 [internal] TLSA lookup failed";
constexpr const char* kTlsa = "451 4.7.5 [internal] DANE required but no usable TLSA record";

INSTANTIATE_TEST_SUITE_P(
    Rows, PlanTable,
    testing::Values(Row{"none", Mode::none, D::not_applicable, S::none, Level::none, true, Demand::nothing,
                        PlannedBy::none, kNo},
                    Row{"none_looks_at_nothing", Mode::none, D::usable, S::enforce, Level::none, true, Demand::nothing,
                        PlannedBy::none, kNo},
                    Row{"may", Mode::opportunistic, D::not_applicable, S::none, Level::opportunistic, true,
                        Demand::nothing, PlannedBy::configuration, kNo},
                    Row{"may_dane", Mode::opportunistic, D::usable, S::none, Level::required, false, Demand::tlsa,
                        PlannedBy::dane, kNo},
                    Row{"may_dane_wins_over_sts", Mode::opportunistic, D::usable, S::enforce, Level::required, false,
                        Demand::tlsa, PlannedBy::dane, kNo},
                    Row{"may_unusable", Mode::opportunistic, D::unusable, S::none, Level::required, false,
                        Demand::nothing, PlannedBy::dane, kNo},
                    Row{"may_unusable_sts", Mode::opportunistic, D::unusable, S::enforce, Level::required, false,
                        Demand::host, PlannedBy::mta_sts, kNo},
                    Row{"may_failed", Mode::opportunistic, D::failed, S::none, Level::none, false, Demand::nothing,
                        PlannedBy::dane, kLookup},
                    Row{"may_sts", Mode::opportunistic, D::not_applicable, S::enforce, Level::required, false,
                        Demand::host, PlannedBy::mta_sts, kNo},
                    Row{"may_testing", Mode::opportunistic, D::not_applicable, S::testing, Level::opportunistic, true,
                        Demand::nothing, PlannedBy::mta_sts, kNo},
                    Row{"required", Mode::required, D::not_applicable, S::none, Level::required, true, Demand::nothing,
                        PlannedBy::configuration, kNo},
                    Row{"required_dane", Mode::required, D::usable, S::none, Level::required, false, Demand::tlsa,
                        PlannedBy::dane, kNo},
                    Row{"dane_absent", Mode::dane, D::not_applicable, S::none, Level::opportunistic, true,
                        Demand::nothing, PlannedBy::configuration, kNo},
                    Row{"dane_only_absent", Mode::dane_only, D::not_applicable, S::none, Level::none, false,
                        Demand::nothing, PlannedBy::dane, kTlsa},
                    Row{"dane_only_unusable", Mode::dane_only, D::unusable, S::none, Level::none, false,
                        Demand::nothing, PlannedBy::dane, kTlsa},
                    Row{"dane_only", Mode::dane_only, D::usable, S::none, Level::required, false, Demand::tlsa,
                        PlannedBy::dane, kNo},
                    Row{"mta_sts_ignores_dane", Mode::mta_sts, D::usable, S::enforce, Level::required, false,
                        Demand::host, PlannedBy::mta_sts, kNo},
                    Row{"mta_sts_absent", Mode::mta_sts, D::not_applicable, S::none, Level::opportunistic, true,
                        Demand::nothing, PlannedBy::configuration, kNo}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(TlsPlan, DaneGivesSniAndNames) {
    const TlsPlan got = plan({}, dane(DaneState::usable));
    EXPECT_EQ(got.sni, "base.test");
    EXPECT_EQ(got.names, (std::vector<std::string>{"base.test", "d.test"}));
    ASSERT_EQ(got.tlsa.size(), 1u);
    EXPECT_EQ(got.tlsa[0].data, kDigest);
}

TEST(TlsPlan, AnExchangeThatThePolicyDoesNotListGetsNoMail) {
    const TlsPlan got = plan({}, {}, sts_policy(sts::PolicyMode::enforce, {"other.test", "*.x.d.test"}));
    EXPECT_EQ(got.refusal.value_or(""), "451 4.7.5 [internal] MX host not in MTA-STS policy");
    const TlsPlan testing = plan({}, {}, sts_policy(sts::PolicyMode::testing, {"other.test"}));
    EXPECT_FALSE(testing.refusal);
    EXPECT_FALSE(testing.sts_violation.empty());
}

TEST(TlsPlan, MtaStsLooksAtTheExchangeAndNeverAtTheCommonName) {
    const TlsPlan got = plan({}, {}, sts_policy(sts::PolicyMode::enforce));
    EXPECT_EQ(got.names, std::vector<std::string>{"mx.d.test"});
    EXPECT_FALSE(got.common_name);
}

TEST(TlsPlan, MtaStsDoesNotWeakenWhatIsConfigured) {
    tls_policy::Keys keys;
    keys.verify = Verify::pin;
    keys.pins = tls_policy::Strings{"sha256:" + std::string(64, 'a')};
    EXPECT_EQ(plan(keys, {}, sts_policy(sts::PolicyMode::enforce)).demand, Demand::pin);
    keys.verify = Verify::host;
    keys.match = tls_policy::Strings{"nexthop"};
    EXPECT_EQ(plan(keys, {}, sts_policy(sts::PolicyMode::enforce)).names, std::vector<std::string>{"d.test"});
}

TEST(TlsPlan, RequiredMtaStsWaitsForAPolicy) {
    tls_policy::Keys keys;
    keys.mta_sts = Extra::require;
    for (const auto mode : {sts::PolicyMode::none, sts::PolicyMode::testing})
        EXPECT_EQ(plan(keys, {}, sts_policy(mode)).refusal.value_or(""),
                  "451 4.7.5 [internal] MTA-STS policy required but not available");
    EXPECT_FALSE(plan(keys, {}, sts_policy(sts::PolicyMode::enforce)).refusal);
}

TEST(TlsPlan, VerifyDecidesWhatIsDemanded) {
    for (const auto& [verify, demand] :
         {std::pair(Verify::no, Demand::nothing), std::pair(Verify::optional, Demand::nothing),
          std::pair(Verify::ca, Demand::chain), std::pair(Verify::host, Demand::host),
          std::pair(Verify::pin, Demand::pin)}) {
        tls_policy::Keys keys;
        keys.verify = verify;
        EXPECT_EQ(plan(keys).demand, demand);
    }
}

TEST(TlsPlan, MatchSaysWhichNamesCount) {
    tls_policy::Keys keys;
    keys.match = tls_policy::Strings{"nexthop", "dot-nexthop", "hostname", "Other.Test", ".below.test"};
    EXPECT_EQ(plan(keys).names,
              (std::vector<std::string>{"d.test", ".d.test", "mx.d.test", "other.test", ".below.test"}));
}

TEST(TlsPlan, SniIsTheHostsUnlessConfigured) {
    tls_policy::Keys keys;
    EXPECT_EQ(plan(keys).sni, std::nullopt);
    keys.sni = "none";
    EXPECT_EQ(plan(keys).sni, "");
    keys.sni = "other.test";
    EXPECT_EQ(plan(keys).sni, "other.test");
}

}  // namespace
}  // namespace sluice::deliver
