// The next mail announced with the end of this one (RFC 2920 3.1).
#include "tests/unit/engine_smtp_client/sending_fixture.hpp"

namespace sluice::smtp_client {
namespace {

struct Three {
    std::vector<Results> results;
    std::vector<bool> reusable;
};

asio::awaitable<Three> send_in_a_row(asio::io_context& io, ScriptedServer& server, Options options,
                                     std::vector<const Mail*> mails) {
    Connection connection(io.get_executor());
    Three three;
    (void)co_await connection.open(server.endpoint(), options);
    for (std::size_t i = 0; i < mails.size(); ++i) {
        three.results.push_back(co_await connection.send(*mails[i], i + 1 < mails.size() ? mails[i + 1] : nullptr));
        three.reusable.push_back(connection.reusable());
    }
    co_await connection.quit();
    co_return three;
}

class SendingInARow : public Sending {
  protected:
    Three send(const Script& script, std::vector<const Mail*> mails, const Options& options = clear_options()) {
        return run<Three>(script, [this, mails, options](ScriptedServer& server) {
            return send_in_a_row(io_, server, options, mails);
        });
    }
    static std::vector<Kind> kinds(const Three& three) {
        std::vector<Kind> all;
        for (const Results& each : three.results) {
            for (const RecipientResult& one : each) all.push_back(one.kind);
        }
        return all;
    }

    OwnMail a_{{"a@there.test"}, {"A\r\n"}};
    OwnMail b_{{"b@there.test"}, {"B\r\n"}};
    OwnMail c_{{"c@there.test"}, {"C\r\n"}};
};

using Kinds = std::vector<Kind>;

TEST_F(SendingInARow, CostsOneWriteAMail) {
    const Three three = send(Script(), {&a_.mail, &b_.mail, &c_.mail});
    EXPECT_EQ(kinds(three), (Kinds{Kind::delivered, Kind::delivered, Kind::delivered}));
    ASSERT_EQ(server().mails.size(), 3u);
    EXPECT_EQ(server().mails[2].content, "C\r\n");
    EXPECT_EQ(server().mails[1].rcpts, std::vector<std::string>{"RCPT TO:<b@there.test>"});
    EXPECT_EQ(server().reads.at(1), "A\r\n.\r\nMAIL FROM:<sender@here.test>\r\nRCPT TO:<b@there.test>\r\nDATA\r\n");
    EXPECT_EQ(server().reads.at(3), "C\r\n.\r\n");
    EXPECT_EQ(server().commands.back(), "QUIT");
}

TEST_F(SendingInARow, WithoutPipeliningNothingIsSentAhead) {
    const Three three = send(offering(kNothing), {&a_.mail, &b_.mail});
    EXPECT_EQ(kinds(three), (Kinds{Kind::delivered, Kind::delivered}));
    EXPECT_EQ(server().reads.at(3), "A\r\n.\r\n");
}

TEST_F(SendingInARow, RefusalsStayWithTheirMail) {
    const std::array<std::pair<std::string, int>, 4> places = {{{"MAIL", 1}, {"RCPT", 1}, {"DATA", 1}, {".", 1}}};
    for (const auto& [place, at] : places) {
        Script script;
        script.answer = [place = place, at = at](std::string_view event, int nth,
                                                 std::string_view) -> std::optional<std::string> {
            if (event == place && nth == at) return "550 5.7.1 no";
            return std::nullopt;
        };
        const Three three = send(script, {&a_.mail, &b_.mail, &c_.mail});
        EXPECT_EQ(kinds(three), (Kinds{Kind::delivered, Kind::permanent, Kind::delivered})) << place;
    }
}

TEST_F(SendingInARow, TheFirstFinalDotRefusedLeavesTheSecondAlone) {
    Script script;
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "." && nth == 0) return "450 4.7.1 greylisted";
        return std::nullopt;
    };
    EXPECT_EQ(kinds(send(script, {&a_.mail, &b_.mail})), (Kinds{Kind::temporary, Kind::delivered}));
}

TEST_F(SendingInARow, AnEndBetweenTheMailsIsToldToBoth) {
    for (const std::string& end : {kCut, std::string("421 4.3.2 bye")}) {
        Script script;
        script.answer = [end](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
            if (event == "." && nth == 0) return end;
            return std::nullopt;
        };
        const Three three = send(script, {&a_.mail, &b_.mail});
        EXPECT_EQ(kinds(three), (Kinds{Kind::temporary, Kind::temporary}));
        EXPECT_EQ(three.results[0].at(0).maybe_delivered(), end == kCut);
        EXPECT_FALSE(three.results[1].at(0).maybe_delivered()) << "its content was never sent";
        EXPECT_EQ(three.results[1].at(0).text.find("may have been"), std::string::npos);
    }
}

TEST_F(SendingInARow, LmtpRepliesOfBothMailsAreToldApart) {
    Script script;
    script.protocol = Protocol::lmtp;
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "." && nth == 1) return "550 5.2.1 disabled";
        return std::nullopt;
    };
    const OwnMail two({"a@there.test", "b@there.test"}, {kText});
    const Three three = send(script, {&two.mail, &c_.mail}, clear_options(Protocol::lmtp));
    EXPECT_EQ(kinds(three), (Kinds{Kind::delivered, Kind::permanent, Kind::delivered}));
}

TEST_F(SendingInARow, BdatMailsMixWithOthers) {
    const OwnMail binary({"n@there.test"}, {std::string("\0\r\n", 3)});
    const Three three =
        send(offering({"PIPELINING", "CHUNKING"}), {&a_.mail, &binary.mail, &b_.mail, &binary.mail, &binary.mail});
    EXPECT_EQ(kinds(three), Kinds(5, Kind::delivered));
    EXPECT_EQ(server().mails.size(), 5u);
}

TEST_F(SendingInARow, ANextMailThatCannotBeSentIsNotBegun) {
    const OwnMail bad({"x@there.test"}, {"lone\n"});
    const Three three = send(Script(), {&a_.mail, &bad.mail, &c_.mail});
    EXPECT_EQ(kinds(three), (Kinds{Kind::delivered, Kind::permanent, Kind::delivered}));
    EXPECT_EQ(server().mails.size(), 2u);
}

TEST_F(SendingInARow, ANextMailOfManyRecipientsIsBegunByItsFirstBatch) {
    const OwnMail many(std::vector<std::string>(1000, "some-recipient@there.test"), {kText});
    const Three three = send(Script(), {&a_.mail, &many.mail, &c_.mail});
    EXPECT_EQ(kinds(three), Kinds(1002, Kind::delivered));
    EXPECT_EQ(server().mails.at(1).rcpts.size(), 1000u);
}

TEST_F(SendingInARow, AnotherMailThanAnnouncedCutsTheConnection) {
    const auto results = run<Three>(Script(), [this](ScriptedServer& server) -> asio::awaitable<Three> {
        Connection connection(io_.get_executor());
        Three three;
        (void)co_await connection.open(server.endpoint(), clear_options());
        three.results.push_back(co_await connection.send(a_.mail, &b_.mail));
        EXPECT_TRUE(connection.reusable());
        three.results.push_back(co_await connection.send(c_.mail));
        EXPECT_FALSE(connection.reusable());
        co_return three;
    });
    EXPECT_EQ(kinds(results), (Kinds{Kind::delivered, Kind::temporary}));
    EXPECT_EQ(server().mails.size(), 1u);
}

}  // namespace
}  // namespace sluice::smtp_client
