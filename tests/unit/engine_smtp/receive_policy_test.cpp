// config.tls_policy[…].receive by sender domain, session and certificate (tls.md 4.6).
#include "engine/smtp/receive_policy.hpp"

#include <gtest/gtest.h>

namespace sluice::smtp {
namespace {

using Level = ReceivePolicy::Level;

std::optional<tls::Facts> session(bool verified, const std::vector<std::string>& names) {
    auto peer = std::make_shared<tls::PeerFacts>();
    peer->leaf.emplace();
    peer->leaf->names = names;
    peer->judgement.verified = verified;
    tls::Facts facts;
    facts.peer = std::move(peer);
    return facts;
}

std::string asked(const std::string& pattern, Level level, const std::string& domain,
                  const std::optional<tls::Facts>& facts) {
    const auto refusal = receive_refusal({{pattern, {level, ""}}}, domain, facts);
    return refusal ? std::string(reply_name(*refusal)) : "ok";
}

TEST(ReceivePolicy, AsksForTls) {
    EXPECT_EQ(asked("bank.fi", Level::required, "bank.fi", std::nullopt), "ReceivePolicyTls");
    EXPECT_EQ(asked("bank.fi", Level::required, "BANK.FI", std::nullopt), "ReceivePolicyTls");
    EXPECT_EQ(asked("bank.fi", Level::required, "bank.fi", tls::Facts()), "ok");
    EXPECT_EQ(asked("bank.fi", Level::required, "sub.bank.fi", std::nullopt), "ok");
    EXPECT_EQ(asked(".bank.fi", Level::required, "sub.bank.fi", std::nullopt), "ReceivePolicyTls");
    EXPECT_EQ(asked(".bank.fi", Level::required, "bank.fi", std::nullopt), "ReceivePolicyTls");
    EXPECT_EQ(asked("bank.fi", Level::off, "bank.fi", std::nullopt), "ok");
    EXPECT_EQ(asked("bank.fi", Level::required, "", std::nullopt), "ok");
}

TEST(ReceivePolicy, AsksForAProvenPeer) {
    EXPECT_EQ(asked(".bank.fi", Level::verified, "bank.fi", std::nullopt), "ReceivePolicyTls");
    EXPECT_EQ(asked(".bank.fi", Level::verified, "bank.fi", tls::Facts()), "ReceivePolicyCert");
    EXPECT_EQ(asked(".bank.fi", Level::verified, "bank.fi", session(false, {"bank.fi"})), "ReceivePolicyCert");
    EXPECT_EQ(asked(".bank.fi", Level::verified, "bank.fi", session(true, {"other.fi"})), "ReceivePolicyCert");
    EXPECT_EQ(asked(".bank.fi", Level::verified, "bank.fi", session(true, {"notbank.fi"})), "ReceivePolicyCert");
    EXPECT_EQ(asked(".bank.fi", Level::verified, "bank.fi", session(true, {"a.test", "MX.bank.fi"})), "ok");
    EXPECT_EQ(asked(".bank.fi", Level::verified, "bank.fi", session(true, {"bank.fi"})), "ok");
    EXPECT_EQ(asked(".bank.fi", Level::verified, "bank.fi", session(true, {"*.bank.fi"})), "ok");
}

TEST(ReceivePolicy, TheMostSpecificPatternThatAsksCounts) {
    const std::map<std::string, ReceivePolicy, std::less<>> policies = {
        {"a.bank.fi", {Level::off, ""}}, {".bank.fi", {Level::required, ""}}, {".fi", {Level::verified, ""}}};
    EXPECT_EQ(receive_refusal(policies, "a.bank.fi", std::nullopt), ReplyId::ReceivePolicyTls);
    EXPECT_EQ(receive_refusal(policies, "b.bank.fi", tls::Facts()), std::nullopt);
    EXPECT_EQ(receive_refusal(policies, "x.fi", tls::Facts()), ReplyId::ReceivePolicyCert);
}

}  // namespace
}  // namespace sluice::smtp
