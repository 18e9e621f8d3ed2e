// Servers that contradict themselves, say more than was asked, cut, or were left by the mail before; and reuse.
#include "tests/unit/engine_smtp_client/sending_fixture.hpp"

namespace sluice::smtp_client {
namespace {

using OutOfStep = Sending;

TEST_F(OutOfStep, AnUnwantedGoAheadIsEndedByALoneDot) {
    Script script;
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "RCPT" && nth == 0) return "550 5.1.1 unknown";
        if (event == "DATA") return "354 go on";
        if (event == "." && nth == 0) return "554 5.5.1 no valid recipients";
        return std::nullopt;
    };
    const OwnMail own({"a@there.test"}, {kText});
    const Outcome outcome = deliver(script, clear_options(), own.mail);
    EXPECT_EQ(outcome.results.at(0).status, "5.1.1");
    EXPECT_EQ(server().mails.at(0).raw, "");
    EXPECT_TRUE(outcome.reusable);
    ASSERT_EQ(outcome.second.size(), 1u);
    EXPECT_EQ(outcome.second[0].kind, Kind::delivered);
    EXPECT_FALSE(was_sent("RSET")) << "the dot has ended the transaction";
}

TEST_F(OutOfStep, AnUnwantedGoAheadOfLmtpIsTheEnd) {
    Script script;
    script.protocol = Protocol::lmtp;
    script.answer = [](std::string_view event, int, std::string_view) -> std::optional<std::string> {
        if (event == "RCPT") return "550 5.1.1 unknown";
        if (event == "DATA") return "354 go on";
        if (event == ".") return kSilent;
        return std::nullopt;
    };
    const OwnMail own({"a@there.test"}, {kText});
    const Outcome outcome = deliver(script, clear_options(Protocol::lmtp), own.mail);
    EXPECT_EQ(outcome.results.at(0).status, "5.1.1");
    EXPECT_FALSE(outcome.reusable);
    EXPECT_TRUE(server().mails.empty());
}

TEST_F(OutOfStep, AServerThatContradictsItselfGetsNoDot) {
    Script script;
    script.answer = [](std::string_view event, int, std::string_view) -> std::optional<std::string> {
        if (event == "MAIL") return "550 5.7.1 not you";
        if (event == "RCPT") return "250 but you";
        if (event == "DATA") return "354 go on";
        return std::nullopt;
    };
    const OwnMail own({"a@there.test"}, {kText});
    const Outcome outcome = deliver(script, clear_options(), own.mail);
    EXPECT_EQ(outcome.results.at(0).status, "5.7.1");
    EXPECT_FALSE(outcome.reusable);
    EXPECT_TRUE(server().mails.empty());
}

TEST_F(OutOfStep, AbandonedTransactionsAreResetBeforeTheNext) {
    Script script;
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "DATA" && nth == 0) return "451 4.3.0 later";
        return std::nullopt;
    };
    const OwnMail own({"a@there.test"}, {kText});
    const Outcome outcome = deliver(script, clear_options(), own.mail);
    EXPECT_EQ(outcome.results.at(0).command, Command::data);
    ASSERT_EQ(outcome.second.size(), 1u);
    EXPECT_EQ(outcome.second[0].kind, Kind::delivered);
    EXPECT_EQ(server().mails.at(0).rcpts, std::vector<std::string>{"RCPT TO:<second@there.test>"});
    EXPECT_EQ(server().reads.at(1), "RSET\r\nMAIL FROM:<sender@here.test>\r\nRCPT TO:<second@there.test>\r\nDATA\r\n");
}

TEST_F(OutOfStep, AServerThatDoesNotResetIsLeft) {
    Script script;
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "DATA" && nth == 0) return "451 4.3.0 later";
        if (event == "RSET") return "502 5.5.1 no";
        return std::nullopt;
    };
    const OwnMail own({"a@there.test"}, {kText});
    const Outcome outcome = deliver(script, clear_options(), own.mail);
    ASSERT_EQ(outcome.second.size(), 1u);
    EXPECT_EQ(outcome.second[0].kind, Kind::temporary);
    EXPECT_EQ(outcome.second[0].cause, Cause::garbage);
    EXPECT_EQ(outcome.second[0].command, Command::rset);
}

TEST_F(OutOfStep, MoreRepliesThanCommandsEndTheConnection) {
    struct Case {
        std::string event;
        std::string answer;
        Kind first;
    };
    // Too many replies at the end leave the result of this mail alone; before it they are out of step with the rest.
    const std::array<Case, 4> cases = {{{".", "250 2.0.0 Ok\r\n250 2.0.0 Ok again", Kind::delivered},
                                        {".", "250 2.0.0 Ok\r\n25", Kind::delivered},
                                        {"RCPT", "250 2.1.5 Ok\r\n250 2.1.5 Ok", Kind::temporary},
                                        {"MAIL", "250 Ok\r\n421 4.3.2 bye", Kind::temporary}}};
    for (const Case& c : cases) {
        for (const std::vector<std::string>& offers : {kNothing, std::vector<std::string>{"PIPELINING"}}) {
            Script script = offering(offers);
            script.answer = [c](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
                if (event == c.event && nth == 0) return c.answer;
                return std::nullopt;
            };
            const OwnMail own({"a@there.test"}, {kText});
            const Outcome outcome = deliver(script, clear_options(), own.mail);
            EXPECT_EQ(outcome.results.at(0).kind, c.first) << c.event << outcome.results.at(0).text;
            EXPECT_FALSE(outcome.reusable);
        }
    }
}

TEST_F(OutOfStep, LinesThatAreNoRepliesAreGarbageEverywhere) {
    for (const std::string event : {"greeting", "EHLO", "MAIL", "RCPT", "DATA", "."}) {
        for (const std::string& rubbish : {std::string("nonsense"), std::string("250x"), std::string(5000, 'x')}) {
            Script script;
            script.answer = [&](std::string_view at, int nth, std::string_view) -> std::optional<std::string> {
                if (at == event && nth == 0) return rubbish;
                return std::nullopt;
            };
            const OwnMail own({"a@there.test"}, {kText});
            const Outcome outcome = deliver(script, clear_options(), own.mail);
            const RecipientResult& result = outcome.failure ? outcome.failure->result : outcome.results.at(0);
            EXPECT_EQ(result.cause, Cause::garbage) << event;
            EXPECT_EQ(result.kind, Kind::temporary);
            EXPECT_EQ(result.maybe_delivered(), event == ".");
            EXPECT_FALSE(outcome.reusable);
        }
    }
}

TEST_F(OutOfStep, ContentCutShortWasNotDelivered) {
    Script script;
    script.read_limit = 100'000;
    std::string lines;
    while (lines.size() < (20u << 20u)) lines += std::string(998, 'x') + "\r\n";
    const OwnMail big({"a@there.test"}, {lines});
    const Outcome outcome = deliver(script, clear_options(), big.mail);
    const RecipientResult& result = outcome.results.at(0);
    EXPECT_EQ(result.kind, Kind::temporary);
    EXPECT_EQ(result.command, Command::data);
    EXPECT_FALSE(result.maybe_delivered());
    EXPECT_EQ(result.text.find("may have been"), std::string::npos);
    EXPECT_FALSE(outcome.reusable);
}

TEST_F(OutOfStep, AConnectionThatWasClosedMeanwhileIsNotReusable) {
    for (const bool with_421 : {false, true}) {
        Script script;
        script.answer = [with_421](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
            if (event == "." && nth == 0 && with_421) return "250 Ok\r\n421 4.4.2 idle";
            if (event == "RSET") return kCut;
            return std::nullopt;
        };
        const OwnMail own({"a@there.test"}, {kText});
        const Outcome outcome = run<Outcome>(script, [&](ScriptedServer& server) -> asio::awaitable<Outcome> {
            Connection connection(io_.get_executor());
            Outcome result;
            result.failure = co_await connection.open(server.endpoint(), clear_options());
            result.results = co_await connection.send(own.mail);
            server.stop();
            asio::steady_timer turn(io_, std::chrono::milliseconds(1));
            while (connection.reusable()) {
                co_await turn.async_wait(asio::use_awaitable);
                turn.expires_after(std::chrono::milliseconds(1));
            }
            result.second = co_await connection.send(own.mail);
            co_return result;
        });
        EXPECT_EQ(outcome.results.at(0).kind, Kind::delivered);
        EXPECT_EQ(outcome.second.at(0).kind, Kind::temporary);
        EXPECT_EQ(outcome.second.at(0).command, Command::mail);
        EXPECT_EQ(outcome.second.at(0).remote_said(), with_421);
        EXPECT_EQ(server().mails.size(), 1u);
    }
}

TEST_F(OutOfStep, AMailAfterAReplyTooManyIsNotSent) {
    Script script;
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "." && nth == 0) return "250 2.0.0 Ok\r\n250 2.0.0 Ok again";
        return std::nullopt;
    };
    const OwnMail own({"a@there.test"}, {kText});
    const Results second = run<Results>(script, [&](ScriptedServer& server) -> asio::awaitable<Results> {
        Connection connection(io_.get_executor());
        (void)co_await connection.open(server.endpoint(), clear_options());
        (void)co_await connection.send(own.mail);
        co_return co_await connection.send(own.mail);
    });
    EXPECT_EQ(second.at(0).kind, Kind::temporary);
    EXPECT_EQ(second.at(0).cause, Cause::garbage);
    EXPECT_EQ(server().mails.size(), 1u);
    EXPECT_EQ(std::count(server().commands.begin(), server().commands.end(), "MAIL FROM:<sender@here.test>"), 1);
}

TEST_F(OutOfStep, WithoutRecipientsThereIsNoResultAndNoCommand) {
    const OwnMail own({}, {kText});
    const Outcome outcome = deliver(Script(), clear_options(), own.mail);
    EXPECT_TRUE(outcome.results.empty());
    EXPECT_FALSE(was_sent("MAIL FROM:<sender@here.test>\r\n"));
    EXPECT_TRUE(outcome.reusable);
}

TEST_F(OutOfStep, OnAConnectionThatIsNotOpenEverythingIsTemporary) {
    const OwnMail own({"a@there.test", "b@there.test"}, {kText});
    const Results results = run<Results>(Script(), [&](ScriptedServer&) -> asio::awaitable<Results> {
        Connection connection(io_.get_executor());
        EXPECT_FALSE(connection.reusable());
        co_await connection.quit();
        co_return co_await connection.send(own.mail);
    });
    ASSERT_EQ(results.size(), 2u);
    EXPECT_EQ(results[1].kind, Kind::temporary);
}

}  // namespace
}  // namespace sluice::smtp_client
