#include "engine/tls_policy/rule_keys.hpp"

#include <gtest/gtest.h>

namespace sluice::tls_policy {
namespace {

TEST(RuleKeys, AreReadByType) {
    const ParsedKeys parsed =
        parse_rule_keys(R"({"mode":"dane-only","verify":"host","fallback":false,"match":["nexthop"],"ca":"/ca.pem",)"
                        R"("handshake_timeout":"5s","remember_broken":"0","dane":"require","requiretls":"off"})");
    EXPECT_EQ(parsed.error, "");
    EXPECT_EQ(parsed.keys.mode, Mode::dane_only);
    EXPECT_EQ(parsed.keys.verify, Verify::host);
    EXPECT_EQ(parsed.keys.fallback, false);
    EXPECT_EQ(parsed.keys.match, Strings{"nexthop"});
    EXPECT_EQ(parsed.keys.ca, "/ca.pem");
    EXPECT_EQ(parsed.keys.handshake_timeout, Duration(5000));
    EXPECT_EQ(parsed.keys.remember_broken, Duration(0));
    EXPECT_EQ(parsed.keys.dane, Extra::require);
    EXPECT_EQ(parsed.keys.requiretls, RequireTls::off);
    EXPECT_FALSE(parsed.keys.pins);
}

struct Wrong {
    const char* json;
    const char* error;
};
class WrongRuleKeys : public testing::TestWithParam<Wrong> {};

TEST_P(WrongRuleKeys, AreTold) { EXPECT_EQ(parse_rule_keys(GetParam().json).error, GetParam().error); }

INSTANTIATE_TEST_SUITE_P(
    Table, WrongRuleKeys,
    testing::Values(Wrong{R"({"mod":"required"})", "'mod' is not a TLS key of delivery"},
                    Wrong{R"({"floor":true})", "'floor' is not a TLS key of delivery"},
                    Wrong{R"({"mode":"strict"})", "mode: 'strict' is not one of its values"},
                    Wrong{R"({"mode":true})", "mode: must be a string"},
                    Wrong{R"({"fallback":"no"})", "fallback: must be true or false"},
                    Wrong{R"({"match":[1]})", "match: must be a list of strings"},
                    Wrong{R"({"handshake_timeout":"5"})", "handshake_timeout: '5' is not a duration such as \"30s\""},
                    Wrong{R"({"pins":["sha256:12"]})", "pins: 'sha256:12' is not a digest such as \"sha256:HEX\""},
                    Wrong{"[]", "expected a map of TLS keys"}, Wrong{"{", "expected a map of TLS keys"}));

TEST(RuleKeys, TheNarrowerOnesWin) {
    EXPECT_EQ(merged("", ""), "");
    EXPECT_EQ(merged(R"({"mode":"none"})", ""), R"({"mode":"none"})");
    EXPECT_EQ(merged("", R"({"mode":"none"})"), R"({"mode":"none"})");
    const ParsedKeys both = parse_rule_keys(merged(R"({"mode":"none","verify":"ca"})", R"({"mode":"required"})"));
    EXPECT_EQ(both.keys.mode, Mode::required);
    EXPECT_EQ(both.keys.verify, Verify::ca);
}

}  // namespace
}  // namespace sluice::tls_policy
