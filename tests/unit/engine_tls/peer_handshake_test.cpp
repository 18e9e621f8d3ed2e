// Client certificates in handshakes: who is asked, what ends a handshake, what is known afterwards (tls.md 2.7).
#include "engine/base/limits.hpp"
#include "tests/unit/engine_tls/handshake_fixture.hpp"
#include "tests/unit/engine_tls/peer_fixture.hpp"

namespace sluice::tls {
namespace {

constexpr std::optional<int> kHandshakeFailure = 40;
constexpr std::optional<int> kCertificateRequired = 116;

class PeerHandshake : public HandshakeTest {
  protected:
    RootSettings asking(std::optional<VerifyMode> mode, const TestCertificate* ca) {
        RootSettings root;
        if (ca != nullptr) root.peers.client_ca = files_.write("ca.pem", ca->pem());
        root.peers.verify_mode = mode;
        return root;
    }
    std::shared_ptr<const ServerSnapshot> serving(const RootSettings& root) {
        return load({domain_of("a.test", {files_.self_signed("a", {"a.test"})})}, root);
    }
    static ClientOptions showing(const std::vector<const TestCertificate*>& chain, std::uint16_t version,
                                 SSL_SESSION* session = nullptr) {
        ClientOptions options{.sni = "a.test", .oldest = version, .newest = version, .session = session};
        for (const TestCertificate* each : chain) options.chain.push_back(each->x509());
        if (!chain.empty()) options.key = chain[0]->key();
        return options;
    }
    const TestCertificate root_ = TestCertificate::root("root");
    const TestCertificate middle_ = root_.sign({.common_name = "middle", .is_ca = true});
    const TestCertificate good_ = middle_.sign({.common_name = "good"});
    const TestCertificate rogue_ = TestCertificate::self_signed({.common_name = "rogue"});
    static constexpr std::uint16_t versions_[] = {TLS1_2_VERSION, TLS1_3_VERSION};
};

TEST_F(PeerHandshake, WhoIsNotAskedShowsNothing) {
    const auto snapshot = serving(asking(VerifyMode::none, &root_));
    for (const auto version : versions_) {
        const Meeting meeting = meet(snapshot, showing({&good_, &middle_}, version));
        ASSERT_TRUE(meeting.server.facts);
        EXPECT_EQ(meeting.server.facts->peer, nullptr);
    }
}

TEST_F(PeerHandshake, WhateverIsShownIsTakenAndJudged) {
    for (const VerifyMode mode : {VerifyMode::optional, VerifyMode::require}) {
        const auto snapshot = serving(asking(mode, &root_));
        for (const auto version : versions_) {
            const Meeting good = meet(snapshot, showing({&good_, &middle_}, version));
            ASSERT_TRUE(good.server.facts && good.server.facts->peer);
            EXPECT_TRUE(good.server.facts->peer->judgement.verified);
            EXPECT_EQ(good.server.facts->peer->leaf->subject_cn, "good");
            const Meeting rogue = meet(snapshot, showing({&rogue_}, version));
            ASSERT_TRUE(rogue.server.facts && rogue.server.facts->peer);
            EXPECT_EQ(rogue.greeting, "220 hello\r\n");
            EXPECT_FALSE(rogue.server.facts->peer->judgement.verified);
            EXPECT_EQ(rogue.server.facts->peer->judgement.code, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
            EXPECT_EQ(rogue.server.facts->peer->leaf->subject_cn, "rogue");
        }
    }
}

TEST_F(PeerHandshake, NoneAtAllEndsTheHandshakeOnlyWhereOneIsRequired) {
    const auto optional = serving(asking(std::nullopt, &root_));
    const auto require = serving(asking(VerifyMode::require, &root_));
    for (const auto version : versions_) {
        const Meeting goes_on = meet(optional, showing({}, version));
        ASSERT_TRUE(goes_on.server.facts && goes_on.server.facts->peer);
        EXPECT_FALSE(goes_on.server.facts->peer->leaf);
        EXPECT_EQ(goes_on.server.facts->peer->judgement.fault, PeerFault::no_certificate);
        // What is known of nothing costs nothing.
        EXPECT_EQ(goes_on.server.facts->peer, meet(optional, showing({}, version)).server.facts->peer);
        const Meeting ends = meet(require, showing({}, version));
        ASSERT_TRUE(ends.server.failure);
        const auto alert = version == TLS1_2_VERSION ? kHandshakeFailure : kCertificateRequired;
        EXPECT_EQ(ends.server.failure->alert, alert);
        EXPECT_EQ(ends.client_alert, alert);
        EXPECT_EQ(ends.greeting, "");
    }
}

TEST_F(PeerHandshake, WithoutACaNobodyIsVerified) {
    const auto snapshot = serving(asking(VerifyMode::require, nullptr));
    const Meeting meeting = meet(snapshot, showing({&good_, &middle_}, TLS1_3_VERSION));
    ASSERT_TRUE(meeting.server.facts && meeting.server.facts->peer);
    EXPECT_FALSE(meeting.server.facts->peer->judgement.verified);
    EXPECT_EQ(meeting.server.facts->peer->judgement.why, "no client CA configured");
    EXPECT_EQ(meeting.server.facts->peer->leaf->subject_cn, "good");
}

TEST_F(PeerHandshake, AResumedSessionIsJudgedByTheCaOfNow) {
    for (const auto version : versions_) {
        const auto snapshot = serving(asking(VerifyMode::require, &root_));
        const Meeting first = meet(snapshot, showing({&good_, &middle_}, version));
        ASSERT_TRUE(first.session);
        const Meeting again = meet(snapshot, showing({}, version, first.session.get()));
        ASSERT_TRUE(again.server.facts && again.server.facts->peer);
        EXPECT_TRUE(again.resumed);
        EXPECT_TRUE(again.server.facts->peer->judgement.verified);
        EXPECT_EQ(again.server.facts->peer->leaf->subject_cn, "good");
        // Another mode or another CA: the ticket is worth nothing.
        for (const auto& other : {asking(VerifyMode::optional, &root_), asking(VerifyMode::require, &rogue_)}) {
            const Meeting anew = meet(serving(other), showing({&good_, &middle_}, version, first.session.get()));
            ASSERT_TRUE(anew.server.facts);
            EXPECT_FALSE(anew.resumed);
        }
    }
}

TEST_F(PeerHandshake, TheListenerBeatsTheRootAndTheDomainTheListener) {
    RootSettings root = asking(VerifyMode::none, &root_);
    root.listener_peers["strict"].verify_mode = VerifyMode::require;
    auto own = domain_of("own.test", {files_.self_signed("own", {"own.test"})});
    own.peers.verify_mode = VerifyMode::optional;
    const auto snapshot = load({own, domain_of("a.test", {files_.self_signed("a", {"a.test"})})}, root);
    EXPECT_FALSE(meet(snapshot, {.sni = "a.test"}, {"lax"}).server.facts->peer);
    EXPECT_TRUE(meet(snapshot, {.sni = "a.test"}, {"strict"}).server.failure);
    EXPECT_TRUE(meet(snapshot, {.sni = "own.test"}, {"strict"}).server.facts->peer);
    EXPECT_TRUE(meet(snapshot, {.sni = "own.test"}, {"lax"}).server.facts->peer);
}

TEST_F(PeerHandshake, TheNamesOfTooManyCasAreNotSent) {
    // Each name is some 200 octets.
    std::string pem;
    std::size_t size = 0;
    std::string one_less;
    for (int i = 0; size <= limits::client_ca_names; ++i) {
        one_less = pem;
        const auto ca = TestCertificate::root(std::string(60, 'a') + std::to_string(1000 + i));
        pem += ca.pem();
        std::uint8_t* der = nullptr;
        size += static_cast<std::size_t>(i2d_X509_NAME(X509_get_subject_name(ca.x509()), &der));
        OPENSSL_free(der);
    }
    const auto names_sent = [&](const std::string& text) {
        RootSettings root;
        root.peers.client_ca = files_.write("many.pem", text);
        const Meeting meeting = meet(serving(root), showing({}, TLS1_2_VERSION));
        EXPECT_TRUE(meeting.server.facts && meeting.server.facts->peer);
        return meeting.authorities;
    };
    EXPECT_GT(names_sent(one_less), 100u);
    EXPECT_EQ(names_sent(pem), 0u);
}

TEST_F(PeerHandshake, ABadCaFileIsAnError) {
    RootSettings root;
    root.peers.client_ca = "/nonexistent/ca.pem";
    const auto loaded = load_with({domain_of("a.test", {files_.self_signed("a", {"a.test"})})}, root);
    EXPECT_FALSE(loaded.snapshot);
    EXPECT_THAT(codes_of(loaded.problems), ::testing::ElementsAre("T0170"));
}

}  // namespace
}  // namespace sluice::tls
