#include "engine/smtp/received.hpp"

#include <gtest/gtest.h>

#include "engine/base/ids.hpp"
#include "engine/smtp/ehlo.hpp"

namespace sluice::smtp {
namespace {

SessionFacts session() {
    SessionFacts facts;
    facts.client = {asio::ip::make_address("192.0.2.7"), 4321};
    facts.server_name = "mx.test";
    facts.esmtp = true;
    facts.helo = facts.helo_text = "client.test";
    return facts;
}

Transaction transaction() {
    Transaction one;
    one.id = Uuid::parse("11111111-2222-4333-8444-555555555555").value();
    one.recipients.push_back({.address = parse_address("b@example.com").value()});
    return one;
}

constexpr std::chrono::system_clock::time_point epoch{};

TEST(Received, InClear) {
    EXPECT_EQ(received_field(session(), transaction(), ReceivedTls::cipher, epoch),
              "Received: from client.test ([192.0.2.7])\r\n\tby mx.test with ESMTP\r\n"
              "\tid 11111111-2222-4333-8444-555555555555\r\n\tfor <b@example.com>;\r\n"
              "\tThu, 01 Jan 1970 00:00:00 +0000\r\n");
}

TEST(Received, UnderTlsWithTwoRecipientsFromIpv6) {
    SessionFacts facts = session();
    facts.client = {asio::ip::make_address("2001:db8::7"), 4321};
    facts.tls = tls::Facts{.version = "TLSv1.3", .cipher_std = "TLS_AES_128_GCM_SHA256", .group = "X25519"};
    Transaction two = transaction();
    two.recipients.push_back({.address = parse_address("bcc@example.com").value()});
    EXPECT_EQ(received_field(facts, two, ReceivedTls::cipher, epoch),
              "Received: from client.test ([IPv6:2001:db8::7])\r\n\tby mx.test with ESMTPS\r\n"
              "\tid 11111111-2222-4333-8444-555555555555\r\n\ttls TLS_AES_128_GCM_SHA256;\r\n"
              "\tThu, 01 Jan 1970 00:00:00 +0000\r\n");
    EXPECT_NE(received_field(facts, two, ReceivedTls::full, epoch).find("(TLSv1.3, X25519, client-cert=none)"),
              std::string::npos);
    tls::PeerFacts peer;
    peer.leaf.emplace().subject_cn = "mx (a) \\ \xc3\xbc\r\nX: y" + std::string(limits::log_name, 'x');
    facts.tls->peer = std::make_shared<const tls::PeerFacts>(peer);
    const std::string shown = received_field(facts, two, ReceivedTls::full, epoch);
    EXPECT_NE(shown.find("(TLSv1.3, X25519, client-cert=unverified CN=mx ?a? ? ????X: yx"), std::string::npos) << shown;
    EXPECT_NE(shown.find("x);\r\n\tThu"), std::string::npos) << shown;
    EXPECT_LT(shown.size(), 512u);
    facts.verified_peer = true;
    EXPECT_NE(received_field(facts, two, ReceivedTls::full, epoch).find("client-cert=verified CN="), std::string::npos);
    EXPECT_EQ(received_field(facts, two, ReceivedTls::none, epoch).find("TLS_AES"), std::string::npos);
}

TEST(Received, WithProtocols) {
    SessionFacts facts = session();
    facts.esmtp = false;
    EXPECT_EQ(with_protocol(facts, false), "SMTP");
    facts.esmtp = true;
    EXPECT_EQ(with_protocol(facts, true), "UTF8SMTP");
    facts.authenticated_as = "u";
    EXPECT_EQ(with_protocol(facts, false), "ESMTPA");
    facts.tls.emplace();
    EXPECT_EQ(with_protocol(facts, false), "ESMTPSA");
    EXPECT_EQ(with_protocol(facts, true), "UTF8SMTPSA");
}

TEST(Received, Counts) {
    EXPECT_EQ(count_received(""), 0u);
    EXPECT_EQ(
        count_received("Received: a\r\n\tb\r\nRECEIVED: c\r\nX-Received: d\r\n received: e\r\n\r\nReceived: f\r\n"),
        2u);
    EXPECT_EQ(count_received("no header\r\nReceived: f\r\n"), 0u);
}

TEST(Ehlo, ListsWhatWorksInThatState) {
    Settings settings;
    settings.message_size_limit = 1234;
    EXPECT_EQ(
        ehlo_reply({settings, false, true}, {.name = "mx.test"}).print(),
        "250-mx.test\r\n250-PIPELINING\r\n250-SIZE 1234\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n250-DSN\r\n"
        "250-ENHANCEDSTATUSCODES\r\n250 STARTTLS\r\n");
    EXPECT_EQ(ehlo_reply({settings, true, false}, {.name = "mx.test"}).print().find("STARTTLS"), std::string::npos);
}

TEST(Ids, UuidsAreVersion4AndRoundTrip) {
    const Uuid one = Uuid::random();
    const std::string text = one.to_string();
    EXPECT_EQ(text.size(), Uuid::text_size);
    EXPECT_EQ(text[14], '4');
    EXPECT_EQ(Uuid::parse(text), one);
    EXPECT_NE(Uuid::random(), one);
    EXPECT_FALSE(Uuid::parse(text.substr(1)));
    EXPECT_FALSE(Uuid::parse("11111111-2222-4333-8444-55555555555g"));
    EXPECT_FALSE(Uuid::parse("111111112-222-4333-8444-555555555555"));
    EXPECT_TRUE(Uuid{}.is_nil());
    EXPECT_EQ(SessionId::random().to_string().size(), SessionId::text_size);
}

TEST(Address, Compares) {
    EXPECT_EQ(parse_address("a@B.c").value(), parse_address("a@b.C").value());
    EXPECT_FALSE(parse_address("A@b.c").value() == parse_address("a@b.c").value());
    EXPECT_EQ(parse_address("\"a\"@b").value().text, "a@b");
    EXPECT_EQ(parse_address("\"a b\"@c").value().text, "\"a b\"@c");
    EXPECT_TRUE(Address{}.null());
    EXPECT_TRUE(parse_address("д@b").value().needs_smtputf8());
    for (const auto* bad : {"", "<>", "a", "<a@b>", "a@b "}) EXPECT_FALSE(parse_address(bad)) << bad;
}

}  // namespace
}  // namespace sluice::smtp
