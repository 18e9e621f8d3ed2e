// The dialogue as clients see it, in clear.
#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "tests/unit/engine_smtp/dialog.hpp"

namespace sluice::smtp::test {
namespace {

using SessionTest = Fixture;

TEST_F(SessionTest, OneMessage) {
    converse(R"(
        S. 220 mx.test Service ready
        C: EHLO client.test
        S. 250-mx.test
        S. 250-PIPELINING
        S. 250-SIZE 10000000
        S. 250-8BITMIME
        S. 250-SMTPUTF8
        S. 250-CHUNKING
        S. 250-DSN
        S. 250 ENHANCEDSTATUSCODES
        C: MAIL FROM:<a@x.test> SIZE=100 BODY=8BITMIME
        S. 250 2.1.0 Ok
        C: RCPT TO:<b@example.com>
        S. 250 2.1.5 Ok
        C: DATA
        S. 354 Start mail input; end with <CRLF>.<CRLF>
        C: Subject: hello
        C:
        C: ..dots
        C: .
        S~ 250 2\.0\.0 Ok: queued as [0-9a-f-]{36}
        C: QUIT
        S. 221 2.0.0 Service closing transmission channel
        END)");
    finish();
    ASSERT_EQ(sink.messages(), 1u);
    const CommittedMessage& message = sink.stored()[0].messages[0];
    EXPECT_EQ(*message.transaction.message, "Subject: hello\r\n\r\n.dots\r\n");
    EXPECT_EQ(message.transaction.reverse_path.text, "a@x.test");
    EXPECT_EQ(message.transaction.recipients[0].address.text, "b@example.com");
    EXPECT_EQ(message.transaction.declared_size, 100u);
    EXPECT_EQ(message.transaction.body, BodyType::eight_bit_mime);
    EXPECT_TRUE(message.text().starts_with("Received: from client.test ([127.0.0.1])\r\n\tby mx.test with ESMTP\r\n"))
        << message.text();
    EXPECT_NE(message.trace_header.find(message.transaction.id.to_string()), std::string::npos);
    EXPECT_EQ(rules->calls(), "connect helo mail rcpt preq");
}

TEST_F(SessionTest, SeveralMessagesAndHeloAgain) {
    converse(R"(
        S: 220
        C: HELO client.test
        S. 250 Ok
        C: MAIL FROM:<>
        S: 250
        C: RCPT TO:<b@example.com>
        S: 250
        C: DATA
        S: 354
        C: one
        C: .
        S: 250
        C: MAIL FROM:<a@x.test>
        S: 250
        C: EHLO client.test
        S: 250-
        S: 250-
        S: 250-
        S: 250-
        S: 250-
        S: 250-
        S: 250-
        S: 250 ENHANCED
        C: RCPT TO:<b@example.com>
        S. 503 5.5.1 Bad sequence of commands
        C: MAIL FROM:<a@x.test>
        S: 250
        C: RCPT TO:<b@example.com>
        S: 250
        C: DATA
        S: 354
        C: .
        S: 250
        C: DATA
        S: 503
        C: QUIT
        S: 221
        END)");
    finish();
    EXPECT_EQ(sink.messages(), 2u);
    EXPECT_TRUE(sink.stored()[0].messages[0].transaction.reverse_path.null());
    EXPECT_NE(sink.stored()[0].messages[0].trace_header.find("with SMTP\r\n"), std::string::npos);
    EXPECT_EQ(rules->calls(), "connect helo mail rcpt preq mail helo mail rcpt preq");
}

TEST_F(SessionTest, SequenceSyntaxAndUnknownCommands) {
    settings.error = {.soft_count = -1, .hard_count = -1};
    converse(R"(
        S: 220
        C: MAIL FROM:<a@x.test>
        S. 503 5.5.1 Bad sequence of commands
        C: FOO
        S. 500 5.5.1 Syntax error command unrecognized
        C: NOOP whatever
        S. 250 2.0.0 Ok
        C: EHLO
        S. 501 5.5.4 Syntax error in parameters or arguments
        C: EHLO a b
        S: 501
        C: HELO [127.0.0.1]
        S: 250
        C: RSET now
        S: 501
        C: RSET
        S. 250 2.0.0 Ok
        C: RCPT TO:<b@example.com>
        S: 503
        C: DATA
        S: 503
        C: EXPN list
        S. 502 5.5.1 Command not implemented
        C: TURN
        S: 502
        C: AUTH PLAIN
        S: 502
        C: VRFY
        S: 501
        C: VRFY postmaster
        S: 252 2.0.0
        C: HELP
        S: 214 2.0.0
        C: MAIL FROM:a@x.test
        S. 501 5.1.7 Bad sender address syntax
        C: MAIL FROM:<a@x.test> NOTIFY=NEVER
        S: 555 5.5.4
        C: MAIL FROM:<a@x.test> SIZE=x
        S: 501 5.5.4
        C: MAIL FROM:<a@x.test> SIZE=10000001
        S: 552 5.3.4
        C: MAIL FROM:<д@x.test>
        S: 553 5.6.7
        C: MAIL FROM:<a@x.test> SIZE=10000000
        S: 250
        C: MAIL FROM:<a@x.test>
        S: 503
        C: DATA
        S: 503
        C: RCPT TO:<>
        S. 501 5.1.3 Bad recipient address syntax
        C: RCPT TO:<b@example.com> RET=FULL
        S: 555
        C: RCPT TO:<д@example.com>
        S: 553 5.6.7
        C: DATA
        S. 554 5.5.1 No valid recipients
        C: STARTTLS
        S. 454 TLS not available due to temporary reason
        C: STARTTLS x
        S. 501 5.5.4 Syntax: STARTTLS
        C: QUIT now
        S: 501
        C: QUIT
        S: 221
        END)");
}

TEST_F(SessionTest, SmtpUtf8) {
    converse(R"(
        S: 220
        C: HELO x
        S: 250
        C: MAIL FROM:<д@пример.рф> SMTPUTF8
        S: 250
        C: RCPT TO:<ж@example.com>
        S: 250
        C: DATA
        S: 354
        C: .
        S: 250)");
    finish();
    const CommittedMessage& message = sink.stored().at(0).messages[0];
    EXPECT_TRUE(message.transaction.smtputf8);
    EXPECT_NE(message.trace_header.find("with UTF8SMTP\r\n"), std::string::npos);
}

TEST_F(SessionTest, LineLengthAtTheLimitAndOnePast) {
    const std::string noop = "NOOP " + std::string(limits::command_line - 7, 'x');
    const std::string mail = "MAIL FROM:<a@x.test> SIZE=1 ";
    converse(
        "S: 220\nC: EHLO x\nS: 250-\nS: 250-\nS: 250-\nS: 250-\nS: 250-\nS: 250-\nS: 250-\nS: 250 \n"
        "C: " +
        noop + "\nS: 250\nC: " + noop +
        "x\nS. 500 5.5.2 Line too long\n"
        "C: MAIL FROM:<a@x.test> X=" +
        std::string(limits::command_line_esmtp - 25, 'y') +
        "\nS: 555\n"
        "C: MAIL FROM:<a@x.test> X=" +
        std::string(limits::command_line_esmtp - 24, 'y') +
        "\nS: 500 5.5.2\n"
        "C: " +
        std::string(100'000, 'z') + "\nS: 500 5.5.2\nC: QUIT\nS: 221\nEND");
}

// One segment in, one write out.
TEST_F(SessionTest, FlightsOfReplies) {
    const auto client = connect();
    talk(*client, "S: 220\nC: EHLO x\nS: 250-\nS: 250-\nS: 250-\nS: 250-\nS: 250-\nS: 250-\nS: 250-\nS: 250 ");
    EXPECT_EQ(data_segments_received(client->descriptor()), 2u);
    talk(*client, R"(
        C: RSET
        C: MAIL FROM:<a@x.test>
        C: RCPT TO:<b@example.com>
        C: RCPT TO:<nobody@elsewhere.test>
        C: RCPT TO:<c@example.com>
        C: DATA
        S: 250
        S: 250 2.1.0
        S: 250 2.1.5
        S: 554 5.7.1 Relay
        S: 250 2.1.5
        S: 354)");
    EXPECT_EQ(data_segments_received(client->descriptor()), 3u);
    talk(*client, R"(
        C: text
        C: .
        C: MAIL FROM:<>
        C: RCPT TO:<b@example.com>
        C: QUIT
        S: 250 2.0.0
        S: 250 2.1.0
        S: 250 2.1.5
        S: 221
        END)");
    EXPECT_EQ(data_segments_received(client->descriptor()), 4u);
}

TEST_F(SessionTest, ManyPipelinedCommandsBehindAMessage) {
    const auto client = connect();
    talk(*client,
         "S: 220\nC: EHLO x\nS: 250-\nS: 250-\nS: 250-\nS: 250-\nS: 250-\nS: 250-\nS: 250-\nS: 250 \n"
         "C: MAIL FROM:<a@b>\nS: 250\nC: RCPT TO:<b@example.com>\nS: 250\nC: DATA\nS: 354");
    std::string burst = "text\r\n.\r\n";
    for (int i = 0; i < 5000; ++i) burst += "NOOP\r\n";
    client->send(burst + "QUIT\r\n");
    const std::string answers = client->rest();
    EXPECT_EQ(std::count(answers.begin(), answers.end(), '\n'), 5002);
}

TEST_F(SessionTest, EarlyTalkerIsRefused) {
    std::promise<void> greet;
    rules->rules[Stage::connect] = [&](SessionFacts&, Transaction*) {
        greet.get_future().wait();
        return Verdict::next();
    };
    const auto client = connect();
    client->send("EHLO x\r\n");
    greet.set_value();
    talk(*client, "S. 554 5.5.0 Error: SMTP protocol synchronization\nEND");
    EXPECT_TRUE(events.has(SessionEvent::early_talker));
}

TEST_F(SessionTest, EarlyTalkerMayBeAccepted) {
    settings.early_talker = EarlyTalker::accept;
    std::promise<void> greet;
    rules->rules[Stage::connect] = [&](SessionFacts&, Transaction*) {
        greet.get_future().wait();
        return Verdict::next();
    };
    const auto client = connect();
    client->send("HELO x\r\nQUIT\r\n");
    greet.set_value();
    talk(*client, "S: 220\nS: 250\nS: 221\nEND");
    EXPECT_TRUE(events.has(SessionEvent::early_talker));
    EXPECT_TRUE(events.has(SessionEvent::pipelining_violation));
}

// RFC 2920 3.1: noted where it does no harm, refused behind DATA, where smuggled messages show themselves.
TEST_F(SessionTest, PipeliningOutOfStep) {
    converse("S: 220\nC: HELO x\nC: NOOP\nS: 250 Ok\nS: 250 2.0.0\nC: QUIT\nS: 221\nEND");
    EXPECT_EQ(*events.find(SessionEvent::pipelining_violation), "HELO");
    converse(R"(
        S: 220
        C: HELO x
        C: MAIL FROM:<a@b>
        C: RCPT TO:<b@example.com>
        C: DATA
        C: text
        C: .
        S: 250
        S: 250
        S: 250
        S. 554 5.5.0 Error: SMTP protocol synchronization
        END)");
    EXPECT_EQ(sink.messages(), 0u);
}

TEST_F(SessionTest, DataWithoutWaitingMayBeAccepted) {
    settings.early_talker = EarlyTalker::accept;
    converse(R"(
        S: 220
        C: HELO x
        C: MAIL FROM:<a@b>
        C: RCPT TO:<b@example.com>
        C: DATA
        C: text
        C: .
        C: QUIT
        S: 250
        S: 250
        S: 250
        S: 354
        S: 250
        S: 221
        END)");
    EXPECT_EQ(sink.messages(), 1u);
}

TEST_F(SessionTest, BareNewlineInCommands) {
    const auto lf = connect();
    talk(*lf, "S: 220");
    lf->send("HELO x\nMAIL FROM:<a@b>\r\n");
    talk(*lf, "S. 550 5.5.2 bare <LF> received\nEND");
    const auto cr = connect();
    talk(*cr, "S: 220");
    cr->send("HELO x\rNOOP\r\n");
    talk(*cr, "S. 550 5.5.2 bare <CR> received\nEND");
}

TEST_F(SessionTest, BareNewlineInCommandsNormalized) {
    settings.bare_newline = BareNewline::normalize;
    const auto client = connect();
    talk(*client, "S: 220");
    client->send("HELO x\n");
    talk(*client, "S: 250");
    client->send("QUIT\n");
    talk(*client, "S: 221\nEND");
}

TEST_F(SessionTest, RefusedDataIsDrainedAndTheSessionGoesOn) {
    settings.message_size_limit = 20;
    const auto client = connect();
    talk(*client, to_data);
    client->send("a\nb\r\n.\r\n");
    talk(*client,
         "S. 550 5.5.2 bare <LF> received\nC: MAIL FROM:<a@x.test>\nS: 250\nC: RCPT TO:<b@example.com>\nS: 250");
    talk(*client, "C: DATA\nS: 354\nC: 123456789\nC: 123456789\nC: QUIT\nC: .\nS: 552 5.3.4\nC: QUIT\nS: 221\nEND");
    EXPECT_EQ(sink.messages(), 0u);
    EXPECT_EQ(rules->calls().find("preq"), std::string::npos);
}

TEST_F(SessionTest, LongLines) {
    settings.long_lines = LongLines::reject;
    converse(to_data + "C: " + std::string(998, 'x') + "\nC: .\nS: 250\nC: QUIT\nS: 221\nEND");
    converse(to_data + "C: " + std::string(999, 'x') + "\nC: .\nS: 500 5.6.0\nC: QUIT\nS: 221\nEND");
}

TEST_F(SessionTest, MailLoop) {
    std::string hops;
    for (unsigned i = 0; i < limits::received_fields; ++i) hops += "C: Received: x\n";
    converse(to_data + hops + "C: .\nS: 250\nC: QUIT\nS: 221\nEND");
    converse(to_data + hops + "C: Received: x\nC: .\nS: 554 5.4.6\nC: QUIT\nS: 221\nEND");
}

TEST_F(SessionTest, ClientThatLeavesInTheMiddleLeavesNothing) {
    converse(to_data + "C: half a message");
    converse("S: 220\nC: HELO x\nS: 250");
    EXPECT_EQ(sink.messages(), 0u);
}

}  // namespace
}  // namespace sluice::smtp::test
