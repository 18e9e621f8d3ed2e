// What stays: on disk over a restart, in memory up to a limit.
#include <gmock/gmock.h>

#include <fstream>

#include "engine/sts/known_domains.hpp"
#include "tests/unit/engine_sts/policies_fixture.hpp"

namespace sluice::sts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(PoliciesTest, ARestartForgetsNothingThatCounts) {
    publish("a.test", policy(PolicyMode::enforce, {"mx.test", "*.b.test"}));
    const std::string before = found("a.test");
    dns_fails("a.test");
    fetcher_->policies.clear();
    restart();
    EXPECT_EQ(found("a.test"), before + " failure 0 TXT _mta-sts.a.test: temporary: SERVFAIL");
    id("a.test", "1");
    restart();
    EXPECT_EQ(found("a.test"), before);
    EXPECT_EQ(fetches("a.test"), 1);
    now_ += 7 * 24h;
    restart();
    EXPECT_EQ(found("a.test"), "- failure 1 status 404") << "expired on disk as well";
    EXPECT_EQ(fetches("a.test"), 2);
}

TEST_F(PoliciesTest, ADamagedFileIsToldOfAndFetchedAgain) {
    publish("a.test", policy(PolicyMode::enforce, {"mx.test"}));
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
    {
        std::fstream file(root_ / "cache" / "a.test", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(40);
        file.put('!');
    }
    restart();
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
    EXPECT_EQ(fetches("a.test"), 2);
    EXPECT_THAT(notes_, ElementsAre(HasSubstr("a.test is damaged (wrong checksum) and was removed")));
    restart();
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
    EXPECT_EQ(fetches("a.test"), 2) << "there is a good file again";
}

TEST_F(PoliciesTest, ADomainWithoutPolicyLeavesNoFile) {
    publish("a.test", policy(PolicyMode::enforce, {"mx.test"}));
    (void)find("a.test");
    texts("a.test", {});
    now_ += 6 * 24h;
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
    EXPECT_TRUE(std::filesystem::exists(root_ / "cache" / "a.test"));
    fetcher_->policies.clear();
    now_ += 7 * 24h;
    EXPECT_EQ(found("a.test"), "-");
    EXPECT_FALSE(std::filesystem::exists(root_ / "cache" / "a.test"));
}

TEST_F(PoliciesTest, ADiskThatFailsIsToldOfAndNotMissed) {
    publish("a.test", policy(PolicyMode::enforce, {"mx.test"}));
    std::filesystem::remove_all(root_ / "cache");
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
    EXPECT_EQ(fetches("a.test"), 1);
    EXPECT_THAT(notes_, ElementsAre(StartsWith("MTA-STS: cannot write")));
}

TEST_F(PoliciesTest, WithoutAStoreMemoryWillDo) {
    start(nullptr);
    publish("a.test", policy(PolicyMode::enforce, {"mx.test"}));
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
    EXPECT_EQ(fetches("a.test"), 1);
}

TEST_F(PoliciesTest, WhatMemoryForgetsIsOnDisk) {
    restart(0);
    for (int i = 0; i < 20; ++i) publish("d" + std::to_string(i) + ".test", policy(PolicyMode::enforce, {"mx.test"}));
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 20; ++i) EXPECT_EQ(found("d" + std::to_string(i) + ".test"), "enforce mx.test id 1");
    }
    EXPECT_EQ(fetches("d0.test"), 1);
}

TEST(KnownDomains, KeepTheLimitAndForgetTheOldest) {
    Known known;
    known.failed = {{}, {Kind::fetch_error, std::string(1000, 'x')}};
    KnownDomains domains(20'000);
    for (int i = 0; i < 100; ++i) {
        domains.put(std::to_string(i), known);
        ASSERT_NE(domains.find("0"), nullptr) << "it was asked for last";
    }
    EXPECT_GE(domains.size(), 10u);
    EXPECT_LE(domains.size(), 20u);
    EXPECT_EQ(domains.find("1"), nullptr);
    EXPECT_NE(domains.find("99"), nullptr);
    domains.forget("99");
    EXPECT_EQ(domains.find("99"), nullptr);
}

}  // namespace
}  // namespace sluice::sts
