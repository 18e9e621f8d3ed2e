// SmtpTransport over the hosts of a destination, which answer by script.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/deliver/smtp_transport.hpp"
#include "tests/unit/engine_deliver/noting_lane.hpp"
#include "tests/unit/engine_queue/spool_fixture.hpp"
#include "tests/unit/engine_smtp_client/scripted_server.hpp"

namespace sluice::deliver {
namespace {

using smtp_client::Script;
using smtp_client::ScriptedServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class SmtpTransportTest : public ::testing::Test {
  protected:
    SmtpTransportTest() {
        settings_.options.hello_name = "here.test";
        settings_.options.tls.mode = smtp_client::TlsMode::none;
        settings_.idle = std::chrono::milliseconds(0);
    }
    void serve(const std::vector<ScriptedServer*>& servers, NotingLane& lane) {
        NextHops found;
        for (const auto* server : servers) found.hops.push_back({"mail.test", server->endpoint()});
        SmtpTransport transport([found]() -> asio::awaitable<NextHops> { co_return found; }, settings_);
        for (auto* server : servers)
            if (server != servers.back()) others_.push_back(server);
        (void)smtp_client::run_with(
            io_, *servers.back(),
            [](SmtpTransport& by, Lane& of, std::vector<ScriptedServer*> others) -> asio::awaitable<bool> {
                co_await by.serve(of);
                for (auto* server : others) server->stop();
                co_return true;
            }(transport, lane, others_));
    }

    asio::io_context io_;
    SmtpSettings settings_;
    std::vector<ScriptedServer*> others_;
};

Script breaks_off() {
    Script script;
    script.answer = [](std::string_view event, int, std::string_view) -> std::optional<std::string> {
        if (event == "MAIL") return smtp_client::kCut;
        return std::nullopt;
    };
    return script;
}

TEST_F(SmtpTransportTest, AHostThatBreaksOffAtEachMailIsLeftForTheNext) {
    ScriptedServer first(io_, breaks_off());
    ScriptedServer second(io_, Script());
    NotingLane lane({queue::make_message("one\r\n", {"a@x"}), queue::make_message("two\r\n", {"b@x"})});
    serve({&first, &second}, lane);
    EXPECT_THAT(lane.told, ElementsAre("a@x: relayed", "b@x: relayed"));
    EXPECT_EQ(first.connections, 1);
    EXPECT_EQ(second.mails.size(), 2u);
}

TEST_F(SmtpTransportTest, AHostThatHasEnoughOfAConnectionGetsAnother) {
    for (const auto& last_words : {smtp_client::kCut, std::string("421 4.7.0 too many messages")}) {
        Script script;
        script.answer = [last_words](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
            if (event == "MAIL" && nth == 2) return last_words;
            return std::nullopt;
        };
        ScriptedServer server(io_, script);
        std::vector<queue::Message> messages;
        for (int i = 0; i < 5; ++i) messages.push_back(queue::make_message("text\r\n", {"a@x"}));
        NotingLane lane(std::move(messages));
        serve({&server}, lane);
        EXPECT_THAT(lane.told, ::testing::Each("a@x: relayed"));
        EXPECT_EQ(server.mails.size(), 5u);
        EXPECT_EQ(server.connections, 3);
    }
}

TEST_F(SmtpTransportTest, WhenAllBreakOffItIsForLater) {
    ScriptedServer first(io_, breaks_off());
    ScriptedServer second(io_, breaks_off());
    NotingLane lane({queue::make_message("one\r\n", {"a@x"})});
    serve({&first, &second}, lane);
    ASSERT_EQ(lane.told.size(), 1u);
    EXPECT_THAT(lane.told[0], ::testing::StartsWith("a@x: later 4.4.2"));
    EXPECT_EQ(first.connections, 1);
    EXPECT_EQ(second.connections, 1);
}

// Refuses b@x at RCPT; the second mail is refused by its content.
Script refuses(const std::string& reply) {
    Script script;
    script.answer = [reply](std::string_view event, int nth, std::string_view line) -> std::optional<std::string> {
        if (event == "RCPT" && line.find("b@x") != std::string_view::npos) return reply;
        if (event == "." && nth == 1) return reply;
        return std::nullopt;
    };
    return script;
}

TEST_F(SmtpTransportTest, WhomAHostRefusesForNowTheNextOneMayTake) {
    ScriptedServer first(io_, refuses("452 4.2.2 over quota"));
    ScriptedServer second(io_, Script());
    NotingLane lane({queue::make_message("one\r\n", {"a@x", "b@x", "c@x"}), queue::make_message("two\r\n", {"d@x"}),
                     queue::make_message("three\r\n", {"e@x"})});
    serve({&first, &second}, lane);
    EXPECT_THAT(lane.told, ElementsAre("a@x: relayed", "c@x: relayed", "b@x: relayed", "d@x: relayed", "e@x: relayed"));
    EXPECT_THAT(lane.kept, ElementsAre("a@x: relayed", "c@x: relayed"));  // before the next host is asked
    ASSERT_EQ(second.mails.size(), 2u);
    EXPECT_THAT(second.mails[0].rcpts, ElementsAre(HasSubstr("b@x")));
    EXPECT_THAT(second.mails[1].content, HasSubstr("two"));
    // The connection to the better host goes on.
    EXPECT_EQ(first.connections, 1);
    EXPECT_THAT(first.mails, SizeIs(3));  // with the one whose content it refused
    EXPECT_EQ(lane.finished, 3);
}

TEST_F(SmtpTransportTest, OnlyWhatTheNextHostTakesCounts) {
    for (const std::string said : {"550 5.1.1 who?", "451 4.3.0 me neither", "!cut"}) {
        ScriptedServer first(io_, refuses("452 4.2.2 over quota"));
        ScriptedServer second(io_, refuses(said));
        NotingLane lane({queue::make_message("one\r\n", {"a@x", "b@x"})});
        others_.clear();
        serve({&first, &second}, lane);
        EXPECT_THAT(lane.told,
                    ElementsAre("a@x: relayed", "b@x: later 4.2.2 452 4.2.2 over quota from mail.test [127.0.0.1]"))
            << said;
        EXPECT_EQ(second.connections, 1);
    }
}

TEST_F(SmtpTransportTest, ARefusalForGoodIsNotAskedAgain) {
    ScriptedServer first(io_, refuses("550 5.1.1 no such user"));
    ScriptedServer second(io_, Script());
    NotingLane lane({queue::make_message("one\r\n", {"b@x"})});
    serve({&first, &second}, lane);
    EXPECT_THAT(lane.told, ElementsAre("b@x: never 5.1.1 550 5.1.1 no such user from mail.test [127.0.0.1]"));
    EXPECT_EQ(second.connections, 0);
}

TEST_F(SmtpTransportTest, AConnectionThatHasHadItsMessagesEndsWithQuit) {
    settings_.messages = 2;
    ScriptedServer server(io_, Script());
    std::vector<queue::Message> messages;
    for (int i = 0; i < 3; ++i) messages.push_back(queue::make_message("text\r\n", {"a@x"}));
    NotingLane lane(std::move(messages));
    serve({&server}, lane);
    EXPECT_EQ(server.connections, 2);
    EXPECT_EQ(server.mails.size(), 3u);
    EXPECT_EQ(std::count(server.commands.begin(), server.commands.end(), "QUIT"), 2);
}

}  // namespace
}  // namespace sluice::deliver
