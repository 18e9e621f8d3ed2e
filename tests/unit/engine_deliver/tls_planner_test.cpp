// What a connection is opened with: REQUIRETLS (tls.md 4.9), hosts where TLS failed, what is asked of DNS and MTA-STS.
#include "engine/deliver/tls_planner.hpp"

#include <gtest/gtest.h>

#include "engine/dns/fake_resolver.hpp"

namespace sluice::deliver {
namespace {

using smtp_client::RequireTls;
using smtp_client::TlsMode;

class TlsPlannerTest : public testing::Test {
  protected:
    HostTls plan(TlsPlanner::Target target, bool mx_secure = false, const std::string& address = "192.0.2.1") {
        auto tls = std::make_shared<OutboundTls>(scopes_, true);
        auto find = [this](std::string domain, StsAge) -> asio::awaitable<sts::PolicyAnswer> {
            asked_sts_.push_back(std::move(domain));
            co_return sts_;
        };
        const TlsPlanner planner({tls, memory_, resolver_, find}, target, resolve(scopes_, target.domain, ""));
        const NextHop hop{"mx.d.test", {asio::ip::make_address(address), 25}};
        asio::io_context io;
        HostTls host;
        asio::co_spawn(
            io, [&]() -> asio::awaitable<void> { host = co_await planner.plan(hop, mx_secure); }, asio::detached);
        io.run();
        last_ = std::make_shared<TlsPlanner>(planner);
        last_hop_ = hop;
        return host;
    }
    void policy(sts::PolicyMode mode) {
        sts_.mode = mode;
        sts_.policy = std::make_shared<const sts::Policy>(sts::Policy{mode, {"mx.d.test"}, 86400});
    }

    tls_policy::Scopes scopes_;
    sts::PolicyAnswer sts_;
    std::vector<std::string> asked_sts_;
    std::shared_ptr<dns::FakeResolver> resolver_ = std::make_shared<dns::FakeResolver>();
    std::shared_ptr<TlsMemory> memory_ = std::make_shared<TlsMemory>();
    std::shared_ptr<TlsPlanner> last_;
    NextHop last_hop_;
};

const TlsPlanner::Target kMail{.domain = "d.test"};
const TlsPlanner::Target kRequired{.domain = "d.test", .requiretls = true};

TEST_F(TlsPlannerTest, RequireTlsNeedsExchangesThatAreProven) {
    const HostTls refused = plan(kRequired);
    EXPECT_EQ(refused.refusal, kNotVerified);
    EXPECT_TRUE(refused.refused_for_good);
    policy(sts::PolicyMode::testing);
    EXPECT_EQ(plan(kRequired).refusal, kNotVerified) << "a policy on trial proves nothing";
    policy(sts::PolicyMode::enforce);
    EXPECT_FALSE(plan(kRequired).refusal);
    sts_ = {};
    const HostTls secure = plan(kRequired, true);
    EXPECT_FALSE(secure.refusal);
    EXPECT_EQ(secure.policy.mode, TlsMode::required);
    EXPECT_EQ(secure.policy.requirement.demand, tls::Demand::host);
    EXPECT_EQ(secure.policy.requirement.names, std::vector<std::string>{"mx.d.test"});
    EXPECT_EQ(secure.requiretls, RequireTls::demanded);
    EXPECT_FALSE(secure.policy.fallback);
}

TEST_F(TlsPlannerTest, RequireTlsToAHostThatTheAdministratorNamed) {
    TlsPlanner::Target named = kRequired;
    named.by_mx = false;
    EXPECT_EQ(plan(named).requiretls, RequireTls::demanded);
    EXPECT_EQ(plan(named, false, "127.0.0.1").requiretls, RequireTls::if_offered);
    EXPECT_EQ(plan(named, false, "127.0.0.1").policy.mode, TlsMode::opportunistic);
}

TEST_F(TlsPlannerTest, LevelsOfRequireTls) {
    scopes_.global.requiretls = tls_policy::RequireTls::starttls;
    EXPECT_EQ(plan(kRequired).requiretls, RequireTls::if_offered);
    EXPECT_EQ(plan(kRequired).policy.mode, TlsMode::required);
    scopes_.global.requiretls = tls_policy::RequireTls::opportunistic;
    EXPECT_EQ(plan(kRequired).requiretls, RequireTls::if_offered);
    EXPECT_EQ(plan(kRequired).policy.mode, TlsMode::opportunistic);
    scopes_.global.requiretls = tls_policy::RequireTls::off;
    EXPECT_EQ(plan(kRequired).requiretls, RequireTls::off);
    EXPECT_EQ(plan(kMail).requiretls, RequireTls::off);
}

TEST_F(TlsPlannerTest, WhereTlsFailedItIsLeftOutForAWhile) {
    EXPECT_EQ(plan(kMail).policy.mode, TlsMode::opportunistic);
    last_->note_broken(last_hop_);
    EXPECT_EQ(plan(kMail).policy.mode, TlsMode::none);
    EXPECT_EQ(plan(kMail, false, "192.0.2.2").policy.mode, TlsMode::opportunistic);
    scopes_.global.mode = tls_policy::Mode::required;
    EXPECT_EQ(plan(kMail).policy.mode, TlsMode::required);
}

TEST_F(TlsPlannerTest, OnlyDomainsHaveMtaSts) {
    (void)plan(kMail);
    EXPECT_EQ(asked_sts_, std::vector<std::string>{"d.test"});
    asked_sts_.clear();
    TlsPlanner::Target named = kMail;
    named.by_mx = false;
    (void)plan(named);
    EXPECT_TRUE(asked_sts_.empty());
}

TEST_F(TlsPlannerTest, AHandshakeTimeoutOfThePolicyCounts) {
    EXPECT_FALSE(plan(kMail).handshake_timeout);
    scopes_.global.handshake_timeout = std::chrono::seconds(5);
    EXPECT_EQ(plan(kMail).handshake_timeout, std::chrono::seconds(5));
}

TEST_F(TlsPlannerTest, FilesThatCannotBeLoadedAreOurFault) {
    scopes_.global.certificate = "/nowhere/client.pem";
    const HostTls host = plan(kMail);
    EXPECT_EQ(host.refusal, "451 4.3.5 [internal] configuration error, please try later");
    EXPECT_NE(host.detail.find("/nowhere/client.pem"), std::string::npos) << host.detail;
}

TEST(TlsMemory, ForgetsAfterItsTime) {
    TlsMemory::Clock::time_point now{};
    TlsMemory memory([&] { return now; });
    memory.broken("192.0.2.1 25", std::chrono::minutes(10));
    memory.broken("192.0.2.2 25", std::chrono::milliseconds(0));
    EXPECT_TRUE(memory.is_broken("192.0.2.1 25"));
    EXPECT_FALSE(memory.is_broken("192.0.2.2 25"));
    now += std::chrono::minutes(10);
    EXPECT_FALSE(memory.is_broken("192.0.2.1 25"));
}

TEST(TlsMemory, IsBounded) {
    TlsMemory memory;
    for (std::size_t i = 0; i <= limits::broken_tls_hosts; ++i) memory.broken(std::to_string(i), std::chrono::hours(1));
    EXPECT_TRUE(memory.is_broken(std::to_string(limits::broken_tls_hosts - 1)));
    EXPECT_FALSE(memory.is_broken(std::to_string(limits::broken_tls_hosts)));
}

}  // namespace
}  // namespace sluice::deliver
