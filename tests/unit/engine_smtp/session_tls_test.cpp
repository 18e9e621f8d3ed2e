// STARTTLS, implicit TLS, required TLS and the tls stage (tls.md 2.1, 2.2).
#include <gtest/gtest.h>

#include "tests/unit/engine_smtp/tls_dialog.hpp"

namespace sluice::smtp::test {
namespace {

using TlsSession = SecureFixture;

const std::string list = "S: 250-PIPE\nS: 250-SIZE\nS: 250-8BIT\nS: 250-SMTPUTF8\nS: 250-CHUNKING\nS: 250-DSN\n";
const std::string list_with_starttls = list + "S. 250-ENHANCEDSTATUSCODES\nS. 250 STARTTLS\n";
const std::string list_under_tls = list + "S. 250-ENHANCEDSTATUSCODES\nS. 250 REQUIRETLS\n";
const std::string list_without = list + "S. 250 ENHANCEDSTATUSCODES\n";

TEST_F(TlsSession, StartTls) {
    const auto client = connect();
    talk(*client, "S: 220\nC: EHLO a.test\nS. 250-mx.test\n" + list_with_starttls + "C: STARTTLS\nS. 220 TLS go ahead");
    ASSERT_TRUE(client->start_tls("other.test"));
    // No second 220, everything forgotten; the server's name is the one the client asked for.
    talk(*client, "C: MAIL FROM:<a@x.test>\nS: 503 5.5.1\nC: EHLO b.test\nS. 250-other.test\n" + list_under_tls +
                      "C: STARTTLS\nS. 554 5.5.1 Error: TLS already active\n"
                      "C: MAIL FROM:<a@x.test>\nS: 250\nC: RCPT TO:<b@example.com>\nS: 250\nC: DATA\nS: 354\n"
                      "C: text\nC: .\nS: 250\n"
                      "C: MAIL FROM:<a@x.test>\nS: 250\nC: QUIT\nS: 221\nEND");
    EXPECT_TRUE(client->tls().got_close_notify());
    finish();
    EXPECT_EQ(rules->calls(), "connect helo tls helo mail rcpt preq mail");
    const CommittedMessage& message = sink.stored().at(0).messages.at(0);
    EXPECT_NE(message.trace_header.find("from b.test ([127.0.0.1])\r\n\tby other.test with ESMTPS\r\n"),
              std::string::npos)
        << message.trace_header;
    EXPECT_NE(message.trace_header.find("\r\n\ttls TLS_"), std::string::npos);
}

TEST_F(TlsSession, BeforeEhloIsAccepted) {
    const auto client = connect();
    talk(*client, "S: 220\nC: STARTTLS\nS: 220");
    ASSERT_TRUE(client->start_tls());
    talk(*client, "C: NOOP\nS: 250\nC: QUIT\nS: 221\nEND");
}

TEST_F(TlsSession, FactsLastForTheWholeConnection) {
    rules->rules[Stage::mail] = [](SessionFacts& facts, Transaction*) {
        EXPECT_TRUE(facts.tls);
        EXPECT_EQ(facts.tls->sni, "mx.test");
        EXPECT_FALSE(facts.tls->implicit);
        return Verdict::next();
    };
    const auto client = connect();
    talk(*client, "S: 220\nC: STARTTLS\nS: 220");
    ASSERT_TRUE(client->start_tls());
    for (int i = 0; i < 2; ++i) {
        talk(*client,
             "C: HELO x\nS: 250\nC: MAIL FROM:<>\nS: 250\nC: RCPT TO:<b@example.com>\nS: 250\nC: DATA\nS: 354\n"
             "C: .\nS: 250\nC: RSET\nS: 250");
    }
    EXPECT_EQ(sink.messages(), 2u);
}

class CountedData : public RuleData {
  public:
    std::unique_ptr<RuleData> clone() const override { return std::make_unique<CountedData>(); }
};

TEST_F(TlsSession, RuleVariablesAndAuthenticationAreForgotten) {
    int helos = 0;
    rules->rules[Stage::helo] = [&](SessionFacts& facts, Transaction*) {
        EXPECT_FALSE(facts.rule_data);
        EXPECT_FALSE(facts.authenticated_as);
        EXPECT_FALSE(facts.skip);
        if (helos++ > 0) return Verdict::next();
        facts.rule_data = std::unique_ptr<RuleData>(std::make_unique<CountedData>());
        facts.authenticated_as = "mallory";
        return Verdict::faccept();
    };
    const auto client = connect();
    talk(*client, "S: 220\nC: HELO x\nS: 250\nC: STARTTLS\nS: 220");
    ASSERT_TRUE(client->start_tls());
    talk(*client, "C: HELO x\nS: 250\nC: MAIL FROM:<a@b>\nS: 250\nC: RCPT TO:<c@elsewhere.test>\nS: 554 5.7.1 Relay");
    EXPECT_EQ(helos, 2);
}

TEST_F(TlsSession, Refusals) {
    settings.error = {.soft_count = -1, .hard_count = -1};
    converse(
        "S: 220\nC: HELO x\nS: 250\nC: STARTTLS now\nS. 501 5.5.4 Syntax: STARTTLS\nC: MAIL FROM:<a@b>\nS: 250\n"
        "C: STARTTLS\nS. 503 5.5.1 STARTTLS not allowed in a mail transaction\nC: QUIT\nS: 221\nEND");
}

TEST_F(TlsSession, SwitchedOff) {
    settings.tls.security = TlsSecurity::none;
    converse("S: 220\nC: EHLO x\nS: 250-mx.test\n" + list_without +
             "C: STARTTLS\nS. 502 5.5.1 Error: command not implemented\nC: QUIT\nS: 221\nEND");
}

TEST_F(TlsSession, Required) {
    settings.listener_tls["127.0.0.1:25"].security = TlsSecurity::required;
    const auto client = connect();
    talk(*client,
         "S: 220\nC: MAIL FROM:<a@b>\nS. 530 5.7.0 Must issue a STARTTLS command first\n"
         "C: NOOP\nS: 250\nC: HELP\nS: 214\nC: RSET\nS: 250\nC: VRFY x\nS: 530\n"
         "C: EHLO x\nS: 250-mx.test\n" +
             list_with_starttls + "C: RCPT TO:<b@example.com>\nS: 530\nC: DATA\nS: 530\nC: STARTTLS\nS: 220");
    ASSERT_TRUE(client->start_tls());
    talk(*client, "C: HELO x\nS: 250\nC: MAIL FROM:<a@b>\nS: 250");
}

TEST_F(TlsSession, DenyAtTheTlsStageIsSaidUnderTls) {
    rules->on(Stage::tls, Verdict::deny());
    auto client = connect();
    talk(*client, "S: 220\nC: STARTTLS\nS: 220");
    ASSERT_TRUE(client->start_tls());
    talk(*client, "S. 421 4.7.0 TLS Negotiation failed.\nEND");
    rules->on(Stage::tls, Verdict::deny(reply("550 5.7.0 no")));
    client = connect();
    talk(*client, "S: 220\nC: STARTTLS\nS: 220");
    ASSERT_TRUE(client->start_tls());
    talk(*client, "S. 550 5.7.0 no\nEND");
}

TEST_F(TlsSession, FailedRuleAtTheTlsStage) {
    rules->on(Stage::tls, Verdict::failed());
    const auto client = connect();
    talk(*client, "S: 220\nC: STARTTLS\nS: 220");
    ASSERT_TRUE(client->start_tls());
    talk(*client, "S: 451 4.3.0\nEND");
}

TEST_F(TlsSession, AFailedHandshakeClosesWithoutAWord) {
    const auto client = connect();
    talk(*client, "S: 220\nC: STARTTLS\nS: 220");
    EXPECT_FALSE(client->start_tls("unknown.test"));
    EXPECT_EQ(client->tls().alert(), 112);
    wait_until_idle();
    EXPECT_TRUE(events.has(SessionEvent::tls_inbound_failed));
    EXPECT_EQ(rules->calls(), "connect");
}

TEST_F(TlsSession, HandshakeTimeout) {
    settings.tls.handshake_timeout = std::chrono::milliseconds{50};
    converse("S: 220\nC: STARTTLS\nS: 220\nEND");
    EXPECT_TRUE(events.has(SessionEvent::tls_handshake_timeout));
}

TEST_F(TlsSession, Implicit) {
    listener = ListenerKind::submissions;
    rules->rules[Stage::connect] = [](SessionFacts& facts, Transaction*) {
        EXPECT_FALSE(facts.tls);
        return Verdict::next();
    };
    rules->rules[Stage::tls] = [](SessionFacts& facts, Transaction*) {
        EXPECT_TRUE(facts.tls->implicit);
        return Verdict::next();
    };
    const auto client = connect();
    ASSERT_TRUE(client->start_tls());
    talk(*client, "S. 220 mx.test Service ready\nC: EHLO x\nS: 250-mx.test\n" + list_under_tls +
                      "C: STARTTLS\nS: 554 5.5.1\nC: MAIL FROM:<a@b>\nS: 250\nC: QUIT\nS: 221\nEND");
    finish();
    EXPECT_EQ(rules->calls(), "connect tls helo mail");
}

TEST_F(TlsSession, ImplicitDenyAtConnectIsSaidAfterTheHandshake) {
    listener = ListenerKind::submissions;
    rules->on(Stage::connect, Verdict::deny());
    const auto client = connect();
    ASSERT_TRUE(client->start_tls());
    talk(*client, "S: 554 5.7.1\nEND");
    finish();
    EXPECT_EQ(rules->calls(), "connect");
}

TEST_F(TlsSession, PlainTextOnAnImplicitListenerGetsNoReply) {
    listener = ListenerKind::submissions;
    const auto client = connect();
    client->send("EHLO x\r\n");
    const std::string said = client->rest();
    EXPECT_EQ(said.find("220"), std::string::npos);
    EXPECT_EQ(said.find("250"), std::string::npos);
    wait_until_idle();
}

TEST_F(TlsSession, CommandsPipedIntoATlsClientAreServed) {
    listener = ListenerKind::submissions;
    std::promise<void> greet;
    rules->rules[Stage::tls] = [&](SessionFacts&, Transaction*) {
        greet.get_future().wait();
        return Verdict::next();
    };
    const auto client = connect();
    ASSERT_TRUE(client->start_tls());
    client->send("EHLO x\r\nQUIT\r\n");
    greet.set_value();
    talk(*client, "S: 220\nS: 250-mx.test\n" + list_under_tls + "S: 221\nEND");
}

TEST_F(TlsSession, ImplicitWithoutCertificatesCloses) {
    listener = ListenerKind::submissions;
    tls_snapshot = nullptr;
    converse("END");
}

TEST_F(TlsSession, StopWhileIdleUnderTls) {
    const auto client = connect();
    talk(*client, "S: 220\nC: STARTTLS\nS: 220");
    ASSERT_TRUE(client->start_tls());
    talk(*client, "C: NOOP\nS: 250");
    on_server([](Session& session) { session.stop(); });
    talk(*client, "S: 421 4.3.2\nEND");
}

TEST_F(TlsSession, ABigMessageUnderTls) {
    const auto client = connect();
    talk(*client, "S: 220\nC: STARTTLS\nS: 220");
    ASSERT_TRUE(client->start_tls());
    talk(*client, "C: HELO x\nS: 250\nC: MAIL FROM:<a@b>\nS: 250\nC: RCPT TO:<b@example.com>\nS: 250\nC: DATA\nS: 354");
    std::string body;
    for (int i = 0; i < 50'000; ++i) body += "line number " + std::to_string(i) + "\r\n";
    client->send("Subject: x\r\n\r\n" + body + ".\r\n");
    talk(*client, "S: 250\nC: QUIT\nS: 221\nEND");
    finish();
    EXPECT_EQ(*sink.stored().at(0).messages.at(0).transaction.message, "Subject: x\r\n\r\n" + body);
}

}  // namespace
}  // namespace sluice::smtp::test
