// Limits, errors, timeouts and the end of sessions.
#include <gtest/gtest.h>

#include "tests/unit/engine_smtp/dialog.hpp"

namespace sluice::smtp::test {
namespace {

using SessionLimits = Fixture;

TEST_F(SessionLimits, RecipientsAtTheLimitAndOnePast) {
    settings.rcpt_count_max = 2;
    converse(R"(
        S: 220
        C: HELO x
        S: 250
        C: MAIL FROM:<a@example.com>
        S: 250
        C: RCPT TO:<1@example.com>
        S: 250
        C: RCPT TO:<2@example.org>
        S: 250
        C: RCPT TO:<3@example.com>
        S. 452 4.5.3 Requested action not taken: too many recipients
        C: DATA
        S: 354
        C: .
        S: 250-2.0.0
        S: 250 2.0.0)");
    EXPECT_EQ(sink.messages(), 2u);
}

TEST_F(SessionLimits, SoftAndHardErrors) {
    settings.error = {.soft_count = 2, .hard_count = 3, .delay = std::chrono::milliseconds{100}};
    const auto begin = std::chrono::steady_clock::now();
    converse(R"(
        S: 220
        C: FOO
        S. 500 5.5.1 Syntax error command unrecognized
        C: FOO
        S. 500 5.5.1 Syntax error command unrecognized
        C: MAIL
        S. 451-4.7.0 Bad sequence of commands
        S. 451 4.7.0 Too many errors from the client
        END)");
    EXPECT_GE(std::chrono::steady_clock::now() - begin, settings.error.delay);
}

TEST_F(SessionLimits, Timeouts) {
    settings.timeout.connect = std::chrono::milliseconds{50};
    converse("S: 220\nS. 451 4.4.2 Timeout - closing connection\nEND");
    EXPECT_TRUE(events.has(SessionEvent::timeout));
}

TEST_F(SessionLimits, TimeoutCountsFromTheReplyNotFromTheLastByte) {
    settings.timeout.helo = std::chrono::milliseconds{150};
    const auto client = connect();
    talk(*client, "S: 220\nC: HELO x\nS: 250");
    for (int i = 0; i < 50; ++i) {
        client->send("N");
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    talk(*client, "S: 451 4.4.2\nEND");
}

TEST_F(SessionLimits, TimeoutInData) {
    settings.timeout.data = std::chrono::milliseconds{50};
    converse(to_data + "S: 451 4.4.2\nEND");
}

TEST_F(SessionLimits, SessionTimeLimit) {
    settings.timeout.session = std::chrono::milliseconds{50};
    converse("S: 220\nS: 421 4.4.2\nEND");
}

TEST_F(SessionLimits, SpoolTroubles) {
    sink.room = SinkStatus::full;
    converse(
        "S: 220\nC: HELO x\nS: 250\nC: MAIL FROM:<a@x.test>\nS. 452 4.3.1 Insufficient system storage\n"
        "C: QUIT\nS: 221\nEND");
    sink.room = SinkStatus::failed;
    converse("S: 220\nC: HELO x\nS: 250\nC: MAIL FROM:<a@x.test>\nS: 421 4.3.0\nEND");
    sink.room = SinkStatus::stored;
    sink.answer = SinkStatus::failed;
    converse(to_data + "C: .\nS: 451 4.3.0\nC: QUIT\nS: 221\nEND");
    sink.answer = SinkStatus::full;
    converse(to_data + "C: .\nS: 452 4.3.1\nC: QUIT\nS: 221\nEND");
    EXPECT_EQ(*events.find(SessionEvent::store_failed), "disk on fire");
}

TEST_F(SessionLimits, StopLetsAnIdleSessionGoAtOnce) {
    const auto client = connect();
    talk(*client, "S: 220\nC: HELO x\nS: 250");
    on_server([](Session& session) { session.stop(); });
    talk(*client, "S. 421 4.3.2 Service shutting down and closing transmission channel\nEND");
}

TEST_F(SessionLimits, StopLetsATransactionFinish) {
    const auto client = connect();
    talk(*client, to_data);
    on_server([](Session& session) { session.stop(); });
    talk(*client, "C: text\nC: .\nS: 250\nS: 421 4.3.2\nEND");
    EXPECT_EQ(sink.messages(), 1u);
}

TEST_F(SessionLimits, AbortEndsATransaction) {
    const auto client = connect();
    talk(*client, to_data);
    on_server([](Session& session) { session.abort(); });
    talk(*client, "S: 421 4.3.2\nEND");
    EXPECT_EQ(sink.messages(), 0u);
}

}  // namespace
}  // namespace sluice::smtp::test
