// Which mechanisms are offered, and which are refused how.
#include "engine/sasl/mechanism.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::sasl {
namespace {

using enum Mechanism;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::array all = {anonymous, cram_md5, login, plain, external, scram_sha_1, scram_sha_256};

Conditions best() {
    return {.configured = all,
            .under_tls = true,
            .external_identity = true,
            .channel_binding = true,
            .password_file = true,
            .cram_md5_users = true};
}

TEST(Mechanism, NamesAreMatchedWithoutCase) {
    EXPECT_EQ(parse_mechanism("PLAIN"), plain);
    EXPECT_EQ(parse_mechanism("scram-Sha-256-plus"), scram_sha_256_plus);
    EXPECT_EQ(parse_mechanism("SCRAM-SHA-1"), scram_sha_1);
    EXPECT_EQ(parse_mechanism("PLAI"), std::nullopt);
    EXPECT_EQ(parse_mechanism("PLAIN "), std::nullopt);
    EXPECT_EQ(parse_mechanism(""), std::nullopt);
    EXPECT_EQ(to_string(cram_md5), "CRAM-MD5");
}

TEST(Mechanism, EverythingUnderTlsStrongestFirst) {
    EXPECT_THAT(available(best()), ElementsAre(scram_sha_256_plus, scram_sha_1_plus, scram_sha_256, scram_sha_1,
                                               external, plain, login, cram_md5, anonymous));
}

TEST(Mechanism, NeverAPasswordInClear) {
    auto conditions = best();
    conditions.under_tls = conditions.external_identity = conditions.channel_binding = false;
    EXPECT_THAT(available(conditions), ElementsAre(scram_sha_256, scram_sha_1));
    for (const auto mechanism : {plain, login, cram_md5, anonymous, external, scram_sha_256_plus})
        EXPECT_EQ(refusal(mechanism, conditions), Refusal::needs_tls) << to_string(mechanism);
    conditions.dangerous_in_clear = true;
    EXPECT_THAT(available(conditions), ElementsAre(scram_sha_256, scram_sha_1, plain, login, cram_md5, anonymous));
    // What comes from TLS cannot come from a setting.
    EXPECT_EQ(refusal(external, conditions), Refusal::needs_tls);
}

TEST(Mechanism, OnlyWhatWorks) {
    auto conditions = best();
    conditions.password_file = false;
    EXPECT_THAT(available(conditions), ElementsAre(external, plain, login, anonymous));
    conditions = best();
    conditions.cram_md5_users = conditions.external_identity = conditions.channel_binding = false;
    EXPECT_THAT(available(conditions), ElementsAre(scram_sha_256, scram_sha_1, plain, login, anonymous));
    EXPECT_EQ(refusal(scram_sha_1_plus, conditions), Refusal::not_offered);
    conditions.configured = {};
    EXPECT_THAT(available(conditions), IsEmpty());
}

TEST(Mechanism, TheListIsEnforced) {
    auto conditions = best();
    constexpr std::array few = {plain, scram_sha_1};
    conditions.configured = few;
    EXPECT_THAT(available(conditions), ElementsAre(scram_sha_1_plus, scram_sha_1, plain));
    EXPECT_EQ(refusal(login, conditions), Refusal::not_offered);
    conditions.under_tls = false;
    EXPECT_EQ(refusal(login, conditions), Refusal::not_offered);  // not 538: TLS would not help
    constexpr std::array bound = {scram_sha_256_plus};
    conditions = best();
    conditions.configured = bound;
    EXPECT_THAT(available(conditions), ElementsAre(scram_sha_256_plus));
}

}  // namespace
}  // namespace sluice::sasl
