// BDAT (RFC 3030) and the parameters of RFC 3461 as the session treats them; more in tests/dialogs/sessions/bdat*.txt.
#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "tests/unit/engine_smtp/dialog.hpp"

namespace sluice::smtp::test {
namespace {

using SessionBdat = Fixture;

const std::string& text_of(const MemorySink& sink, std::size_t index = 0) {
    return *sink.stored().at(index).messages.at(0).transaction.message;
}

class Bdat : public SessionBdat {
  public:
    std::unique_ptr<Client> ready() {
        std::unique_ptr<Client> client = connect();
        talk(*client, to_rcpt);
        return client;
    }
};

TEST_F(Bdat, OnePieceOfThePipelineAfterTheOther) {
    const auto client = ready();
    client->send("BDAT 8\r\nA: b\r\n\r\nBDAT 5\r\n.\r\nQUBDAT 0\r\nBDAT 4 LAST\r\nIT\r\nNOOP\r\n");
    talk(*client, R"(
        S. 250 2.0.0 Ok: chunk received
        S. 250 2.0.0 Ok: chunk received
        S. 250 2.0.0 Ok: chunk received
        S: 250 2.0.0 Ok: queued as
        S. 250 2.0.0 Ok
        C: QUIT
        S: 221
        END)");
    finish();
    EXPECT_EQ(text_of(sink), "A: b\r\n\r\n.\r\nQUIT\r\n");
}

TEST_F(Bdat, OctetByOctet) {
    const auto client = ready();
    for (const char octet : std::string("BDAT 6\r\na: b\r\nBDAT 0 LAST\r\nQUIT\r\n")) client->send({&octet, 1});
    talk(*client, "S: 250\nS: 250 2.0.0 Ok: queued\nS: 221\nEND");
    finish();
    EXPECT_EQ(text_of(sink), "a: b\r\n");
}

TEST_F(Bdat, RepliesDoNotWaitForTheRestOfAChunk) {
    const auto client = ready();
    client->send("NOOP\r\nBDAT 6 LAST\r\na:");
    talk(*client, "S: 250");
    client->send(" b\r\n");
    talk(*client, "S: 250 2.0.0 Ok: queued");
}

TEST_F(Bdat, RsetForgetsTheChunks) {
    const auto client = ready();
    client->send("BDAT 3\r\nA\r\nRSET\r\nMAIL FROM:<c@x.test>\r\nRCPT TO:<d@example.com>\r\nBDAT 3 LAST\r\nB\r\n");
    talk(*client, "S: 250\nS: 250\nS: 250\nS: 250\nS: 250 2.0.0 Ok: queued\nC: QUIT\nS: 221\nEND");
    finish();
    ASSERT_EQ(sink.stored().size(), 1u);
    EXPECT_EQ(text_of(sink), "B\r\n");
    EXPECT_EQ(sink.stored()[0].messages[0].transaction.reverse_path.text, "c@x.test");
}

TEST_F(Bdat, EhloForgetsTheChunks) {
    const auto client = ready();
    client->send("BDAT 3\r\nA\r\nHELO y\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n");
    talk(*client, "S: 250\nS: 250\nS. 503 5.5.1 Bad sequence of commands\nS: 250");
    client->shut();
    wait_until_idle();
    EXPECT_EQ(sink.messages(), 0u);
}

// What may follow a chunk that is not the last: BDAT, RSET, NOOP, QUIT, and what begins the session anew.
TEST_F(Bdat, BetweenChunks) {
    const auto client = ready();
    client->send("BDAT 1\r\na");
    talk(*client, R"(
        S: 250
        C: DATA
        S. 503 5.5.1 Bad sequence of commands
        C: MAIL FROM:<a@x.test>
        S: 503
        C: RCPT TO:<c@example.com>
        S: 503
        C: STARTTLS
        S: 454
        C: NOOP
        S: 250
        C: BDAT 0 LAST
        S: 250 2.0.0 Ok: queued
        C: BDAT 0 LAST
        S. 503 5.5.1 Bad sequence of commands
        C: QUIT
        S: 221
        END)");
    finish();
    EXPECT_EQ(text_of(sink), "a\r\n");
    EXPECT_EQ(sink.stored()[0].messages[0].transaction.recipients.size(), 1u);
}

// Refused or not, a chunk is read: nothing in it is a command.
TEST_F(Bdat, OutOfSequenceItIsReadAllTheSame) {
    const auto client = connect();
    talk(*client, "S: 220");
    const std::string chunk = "BDAT 6\r\nQUIT\r\n";
    client->send(chunk + "HELO x\r\n" + chunk + "MAIL FROM:<a@x.test>\r\n" + chunk);
    talk(*client, "S: 503\nS: 250\nS: 503\nS: 250\nS. 503 5.5.1 Bad sequence of commands");
    client->send("RCPT TO:<nobody@elsewhere.test>\r\n" + chunk + "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n");
    rules->on(Stage::rcpt, Verdict::deny());
    talk(*client, "S: 5\nS: 5\nS: 5\nS: 250");
}

TEST_F(Bdat, WithoutAnyAcceptedRecipient) {
    rules->on(Stage::rcpt, Verdict::deny());
    const auto client = connect();
    talk(*client, R"(
        S: 220
        C: HELO x
        S: 250
        C: MAIL FROM:<a@x.test>
        S: 250
        C: RCPT TO:<b@example.com>
        S: 554 5.7.1
        C: BDAT 0
        S. 554 5.5.1 No valid recipients
        C: BDAT 0 LAST
        S. 554 5.5.1 No valid recipients
        C: RSET
        S: 250
        C: QUIT
        S: 221
        END)");
    EXPECT_EQ(sink.messages(), 0u);
}

TEST_F(Bdat, AfterAMalformedOneNothingIsACommand) {
    for (const char* line : {"BDAT", "BDAT LAST", "BDAT x", "BDAT -1", "BDAT 1 LAST x", "BDAT 99999999999999999999"}) {
        const auto client = ready();
        client->send(std::string(line) + "\r\nNOOP\r\n");
        talk(*client, "S. 501 5.5.4 Syntax: BDAT octets [LAST], closing connection\nEND");
    }
}

TEST_F(Bdat, SizeAtTheLimitAndOnePast) {
    settings.message_size_limit = 10;
    const auto client = ready();
    client->send("BDAT 5\r\n\r\n1\r\nBDAT 5 LAST\r\n345\r\n");
    talk(*client,
         "S: 250\nS: 250 2.0.0 Ok: queued\nC: MAIL FROM:<a@x.test>\nS: 250\nC: RCPT TO:<b@example.com>\nS: 250");
    // The rest of a message that is too large is thrown away, and costs one error.
    client->send("BDAT 5\r\n\r\n1\r\nBDAT 6\r\nQUIT\r\nBDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n");
    talk(*client, "S: 250\nS. 552 5.3.4 Message size exceeds fixed maximum message size\nS: 503\nS: 503\nS: 250");
    talk(*client, "C: MAIL FROM:<a@x.test>\nS: 250\nC: QUIT\nS: 221\nEND");
    finish();
    EXPECT_EQ(sink.stored().size(), 1u);
}

TEST_F(Bdat, ChunksOfARefusedMessageAreNoFurtherErrors) {
    settings.message_size_limit = 10;
    settings.error.soft_count = -1;
    settings.error.hard_count = 2;
    const auto client = ready();
    std::string flight = "BDAT 11\r\n12345678901";
    std::string replies = "S: 552";
    for (int i = 0; i < 10; ++i) {
        flight += "BDAT 1\r\nx";
        replies += "\nS: 503";
    }
    client->send(flight + "BDAT 1 LAST\r\nx");
    talk(*client, replies + "\nS: 503\nC: NOOP\nS: 250");
    client->send("BDAT 1 LAST\r\nx");  // the next one is: the second error
    talk(*client, "S: 451\nS: 451\nEND");
}

TEST_F(Bdat, ALargeRefusedChunkIsReadToItsEnd) {
    settings.message_size_limit = 1000;
    const auto client = ready();
    std::thread sender([&] { client->send("BDAT 3000000 LAST\r\n" + std::string(3'000'000, 'x') + "NOOP\r\n"); });
    talk(*client, "S: 552\nS: 250");
    sender.join();
}

TEST_F(Bdat, BareNewlines) {
    {
        const auto client = ready();
        client->send("BDAT 3 LAST\r\na\nbNOOP\r\n");
        talk(*client, "S. 550 5.5.2 bare <LF> received\nS: 250");
    }
    const auto client = ready();
    client->send("BDAT 2\r\na\rBDAT 1 LAST\r\nbNOOP\r\n");
    talk(*client, "S: 250\nS. 550 5.5.2 bare <CR> received\nS: 250");
    client->shut();
    wait_until_idle();
    EXPECT_EQ(sink.messages(), 0u);
}

TEST_F(Bdat, NormalizedNewlines) {
    settings.bare_newline = BareNewline::normalize;
    const auto client = ready();
    client->send("BDAT 2\r\na\rBDAT 4 LAST\r\n\nb\n.NOOP\r\n");
    talk(*client, "S: 250\nS: 250\nS: 250\nC: QUIT\nS: 221\nEND");
    finish();
    EXPECT_EQ(text_of(sink), "a\r\nb\r\n.\r\n");
}

TEST_F(Bdat, HopsAreCounted) {
    const auto client = ready();
    std::string message;
    for (unsigned i = 0; i <= limits::received_fields; ++i) message += "Received: x\r\n";
    client->send("BDAT " + std::to_string(message.size()) + " LAST\r\n" + message);
    talk(*client, "S: 554 5.4.6\nC: NOOP\nS: 250");
}

TEST_F(Bdat, PreqDecidesAtTheLastChunk) {
    rules->on(Stage::preq, Verdict::deny(reply("550 5.7.0 no")));
    const auto client = ready();
    client->send("BDAT 1\r\nx");
    talk(*client, "S: 250");
    EXPECT_EQ(rules->calls(), "connect helo mail rcpt");
    client->send("BDAT 0 LAST\r\n");
    talk(*client, "S. 550 5.7.0 no\nC: BDAT 0\nS: 503");
}

TEST_F(Bdat, NoDataForTooLong) {
    settings.timeout.data = Milliseconds(50);
    const auto client = ready();
    client->send("BDAT 5 LAST\r\nxx");
    talk(*client, "S. 451 4.4.2 Timeout - closing connection\nEND");
}

TEST_F(Bdat, NoNextChunkForTooLong) {
    settings.timeout.data = Milliseconds(50);
    const auto client = ready();
    client->send("BDAT 1\r\nx");
    talk(*client, "S: 250\nS. 451 4.4.2 Timeout - closing connection\nEND");
}

TEST_F(Bdat, AConnectionThatEndsInAChunkLeavesNothing) {
    for (const char* last : {"BDAT 5 LAST\r\nxx", "BDAT 2\r\nxx"}) {
        const auto client = ready();
        client->send(last);
        client->shut();
        (void)client->rest();
    }
    wait_until_idle();
    EXPECT_EQ(sink.messages(), 0u);
}

TEST_F(Bdat, AServerThatStopsLetsTheMessageEnd) {
    const auto client = ready();
    client->send("BDAT 1\r\nx");
    talk(*client, "S: 250");
    on_server([](Session& session) { session.stop(); });
    talk(*client, "C: BDAT 0 LAST\nS: 250 2.0.0 Ok: queued\nS: 421 4.3.2\nEND");
    finish();
    EXPECT_EQ(sink.stored().size(), 1u);
}

TEST_F(SessionBdat, ParametersOfRfc3461AreCarried) {
    converse(R"(
        S: 220
        C: HELO x
        S: 250
        C: MAIL FROM:<a@x.test> ENVID=QQ+2B1 RET=hdrs
        S: 250
        C: RCPT TO:<b@example.com> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c+2Bd@example.com
        S: 250
        C: RCPT TO:<e@example.com>
        S: 250
        C: RCPT TO:<f@example.com> NOTIFY=never
        S: 250
        C: DATA
        S: 354
        C: .
        S: 250
        C: MAIL FROM:<a@x.test>
        S: 250
        C: RCPT TO:<b@example.com>
        S: 250
        C: DATA
        S: 354
        C: .
        S: 250
        C: QUIT
        S: 221
        END)");
    finish();
    const Transaction& transaction = sink.stored().at(0).messages.at(0).transaction;
    EXPECT_EQ(transaction.envelope_id, "QQ+2B1");
    EXPECT_EQ(transaction.ret, "HDRS");
    ASSERT_EQ(transaction.recipients.size(), 3u);
    EXPECT_EQ(transaction.recipients[0].notify, grammar::smtp::notify_success | grammar::smtp::notify_delay);
    EXPECT_EQ(transaction.recipients[0].original_recipient, "rfc822;c+2Bd@example.com");
    EXPECT_EQ(transaction.recipients[1].notify, 0);
    EXPECT_EQ(transaction.recipients[1].original_recipient, "");
    EXPECT_EQ(transaction.recipients[2].notify, grammar::smtp::notify_never);
    const Transaction& next = sink.stored().at(1).messages.at(0).transaction;
    EXPECT_EQ(next.envelope_id + next.ret, "");
}

TEST_F(SessionBdat, EachPartOfASplitMessageHasThem) {
    rules->domains = {"one.test", "two.test"};
    converse(R"(
        S: 220
        C: HELO x
        S: 250
        C: MAIL FROM:<a@x.test> ENVID=e RET=FULL
        S: 250
        C: RCPT TO:<b@one.test> NOTIFY=NEVER
        S: 250
        C: RCPT TO:<b@two.test> NOTIFY=DELAY
        S: 250
        C: DATA
        S: 354
        C: .
        S: 250
        S: 250
        C: QUIT
        S: 221
        END)");
    finish();
    const std::vector<CommittedMessage>& messages = sink.stored().at(0).messages;
    ASSERT_EQ(messages.size(), 2u);
    for (const CommittedMessage& message : messages) EXPECT_EQ(message.transaction.envelope_id, "e");
    EXPECT_EQ(messages[0].transaction.recipients.at(0).notify, grammar::smtp::notify_never);
    EXPECT_EQ(messages[1].transaction.recipients.at(0).notify, grammar::smtp::notify_delay);
}

}  // namespace
}  // namespace sluice::smtp::test
