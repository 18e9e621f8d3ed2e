#include "engine/smtp/stored_facts.hpp"

#include <gtest/gtest.h>

namespace sluice::smtp {
namespace {

SessionFacts full_session() {
    SessionFacts session;
    session.id = SessionId::random();
    session.client = {asio::ip::make_address("2001:db8::1"), 4711};
    session.server = {asio::ip::make_address("192.0.2.1"), 465};
    session.connected_at = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'123));
    session.listener = ListenerKind::submissions;
    session.listener_id = "0.0.0.0:465";
    session.esmtp = true;
    session.helo_text = "[192.0.2.7]\xff";
    session.tls = tls::Facts{.implicit = true,
                             .version = "TLSv1.3",
                             .cipher = "TLS_AES_128_GCM_SHA256",
                             .cipher_std = "TLS_AES_128_GCM_SHA256",
                             .cipher_algbits = 128,
                             .cipher_usebits = 128,
                             .group = "X25519",
                             .sni = "mail.example.com",
                             .domain = "example.com",
                             .alpn = std::nullopt,
                             .resumed = true,
                             .handshake_ms = 12,
                             .exporter = "secret"};
    tls::PeerFacts peer;
    peer.leaf =
        tls::CertificateInfo{.subject = "CN=mx", .subject_cn = "mx", .serial = "1F", .sans = {"DNS:mx.test", "IP:::1"}};
    peer.judgement.verified = true;
    session.tls->peer = std::make_shared<const tls::PeerFacts>(peer);
    session.verified_peer = session.verified_peer_can_relay = true;
    session.credentials = Credentials{.mechanism = "PLAIN", .authid = "joe", .password = "secret", .proven = true};
    session.authenticated_as = "joe";
    return session;
}

TEST(StoredFacts, RoundTripWithoutSecrets) {
    for (const SessionFacts& session : {full_session(), SessionFacts()}) {
        Transaction transaction;
        transaction.domain = "example.com";
        transaction.mail_time = session.connected_at;
        const auto text = store_facts(session, transaction);
        EXPECT_EQ(text.find("secret"), std::string::npos);
        EXPECT_EQ(text.find('\n'), std::string::npos);
        SessionFacts again;
        Transaction other;
        ASSERT_TRUE(restore_facts(text, again, other)) << text;
        EXPECT_EQ(store_facts(again, other), text);
        EXPECT_EQ(again.id, session.id);
        EXPECT_EQ(again.client, session.client);
        EXPECT_EQ(again.may_relay(), session.may_relay());
        EXPECT_EQ(again.tls.has_value(), session.tls.has_value());
        EXPECT_EQ(other.domain, "example.com");
        if (!session.tls) continue;
        ASSERT_TRUE(again.tls->peer && again.tls->peer->leaf);
        EXPECT_EQ(again.tls->peer->leaf->sans, session.tls->peer->leaf->sans);
        EXPECT_EQ(again.tls->peer->leaf->serial, "1F");
        EXPECT_TRUE(again.tls->peer->judgement.verified);
    }
}

TEST(StoredFacts, WhatIsNoneIsToldAndHarmless) {
    for (const auto* text :
         {"", "[]", "{", "{\"client\":1}", "{\"client\":[\"x\",25]}", "{\"session\":\"short\"}", "{\"tls\":7}",
          "{\"tls\":{\"peer\":1}}", "{\"tls\":{\"peer\":{\"fault\":99}}}", "{\"esmtp\":\"yes\"}"}) {
        SessionFacts session;
        Transaction transaction;
        EXPECT_FALSE(restore_facts(text, session, transaction)) << text;
    }
    SessionFacts session;
    Transaction transaction;
    EXPECT_TRUE(restore_facts("{\"later\":[1]}", session, transaction));
}

}  // namespace
}  // namespace sluice::smtp
