// SmtpTransport over LMTP, against a server that answers by script: one result for each recipient.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "engine/deliver/smtp_transport.hpp"
#include "tests/unit/engine_deliver/noting_lane.hpp"
#include "tests/unit/engine_queue/spool_fixture.hpp"
#include "tests/unit/engine_smtp_client/scripted_server.hpp"

namespace sluice::deliver {
namespace {

using smtp_client::Protocol;
using smtp_client::Script;
using smtp_client::ScriptedServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class LmtpTest : public ::testing::Test {
  protected:
    static Script script() {
        Script script;
        script.protocol = Protocol::lmtp;
        return script;
    }
    static SmtpSettings settings(Protocol protocol) {
        SmtpSettings settings;
        settings.options.protocol = protocol;
        settings.options.hello_name = "here.test";
        settings.options.tls.mode = smtp_client::TlsMode::none;
        return settings;
    }
    void serve(ScriptedServer& server, NotingLane& lane, Protocol protocol = Protocol::lmtp) {
        const auto endpoint = server.endpoint();
        SmtpTransport transport(
            [endpoint]() -> asio::awaitable<NextHops> {
                NextHops found;
                found.hops.push_back({"mail.test", endpoint});
                co_return found;
            },
            settings(protocol));
        (void)smtp_client::run_with(io_, server, [](SmtpTransport& by, Lane& of) -> asio::awaitable<bool> {
            co_await by.serve(of);
            co_return true;
        }(transport, lane));
    }

    asio::io_context io_;
};

TEST_F(LmtpTest, EveryRecipientHasAResultOfItsOwn) {
    Script script = LmtpTest::script();
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "RCPT" && nth == 1) return "550 5.1.1 no such user";
        if (event == "." && nth == 1) return "452 4.2.2 over quota";
        if (event == "." && nth == 2) return "554 5.7.1 not for me";
        return std::nullopt;
    };
    ScriptedServer server(io_, script);
    NotingLane lane({queue::make_message("Subject: x\r\n\r\ntext\r\n", {"a@x", "b@x", "c@x", "d@x"})});
    serve(server, lane);
    const std::string from = " from mail.test [127.0.0.1]";
    EXPECT_THAT(lane.told, ElementsAre("a@x: delivered", "b@x: never 5.1.1 550 5.1.1 no such user" + from,
                                       "c@x: later 4.2.2 452 4.2.2 over quota" + from,
                                       "d@x: never 5.7.1 554 5.7.1 not for me" + from));
    EXPECT_EQ(server.commands.front(), "LHLO here.test");
    ASSERT_EQ(server.mails.size(), 1u);
    EXPECT_EQ(server.mails[0].content, "Subject: x\r\n\r\ntext\r\n");
    EXPECT_THAT(server.mails[0].rcpts, ElementsAre("RCPT TO:<a@x>", "RCPT TO:<c@x>", "RCPT TO:<d@x>"));
    EXPECT_EQ(lane.finished, 1);
}

TEST_F(LmtpTest, MessagesShareTheConnection) {
    ScriptedServer server(io_, script());
    NotingLane lane({queue::make_message("one\r\n", {"a@x", "b@x"}), queue::make_message("two\r\n", {"c@x"})});
    serve(server, lane);
    EXPECT_THAT(lane.told, ElementsAre("a@x: delivered", "b@x: delivered", "c@x: delivered"));
    EXPECT_EQ(server.connections, 1);
    EXPECT_EQ(server.mails.size(), 2u);
}

TEST_F(LmtpTest, NoStartTlsUnlessSomebodyAskedForIt) {
    Script script = LmtpTest::script();
    script.offers = {"STARTTLS", "PIPELINING"};
    ScriptedServer server(io_, script);
    NotingLane lane({queue::make_message()});
    serve(server, lane);
    EXPECT_THAT(lane.told, ElementsAre("a@example.com: delivered"));
    EXPECT_THAT(server.commands, ::testing::Not(::testing::Contains("STARTTLS")));
}

TEST_F(LmtpTest, ASuccessThatIsFinalIsOursToReport) {
    Script with_dsn = script();
    with_dsn.offers = {"DSN"};
    ScriptedServer server(io_, with_dsn);
    NotingLane lane({queue::make_message()});
    serve(server, lane);
    EXPECT_THAT(lane.told, ElementsAre("a@example.com: passed on"));

    ScriptedServer smtp(io_, Script());
    NotingLane other({queue::make_message()});
    serve(smtp, other, Protocol::smtp);
    EXPECT_THAT(other.told, ElementsAre("a@example.com: relayed"));
}

asio::awaitable<void> serve_once(asio::local::stream_protocol::acceptor& acceptor) {
    asio::local::stream_protocol::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    for (const char* reply : {"220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n",
                              "554 5.2.0 broken\r\n", "221 bye\r\n"}) {
        co_await asio::async_write(socket, asio::buffer(std::string_view(reply)), asio::use_awaitable);
        std::array<char, 1000> command{};
        co_await socket.async_read_some(asio::buffer(command), asio::as_tuple(asio::use_awaitable));
    }
}

TEST_F(LmtpTest, LocalSockets) {
    const test::TemporaryDirectory directory;
    const std::string path = (directory / "lmtp").string();
    const auto run = [&] {
        NotingLane lane({queue::make_message()});
        SmtpTransport transport([path]() -> asio::awaitable<NextHops> { co_return socket_hops("here.test", path); },
                                settings(Protocol::lmtp));
        asio::co_spawn(io_, transport.serve(lane), asio::detached);
        io_.restart();
        io_.run();
        return lane.told;
    };
    {
        asio::local::stream_protocol::acceptor acceptor(io_, path);
        asio::co_spawn(io_, serve_once(acceptor), asio::detached);
        EXPECT_THAT(run(), ElementsAre("a@example.com: never 5.2.0 554 5.2.0 broken from here.test [" + path + "]"));
    }
    std::filesystem::remove(path);
    const auto missing = run();
    ASSERT_EQ(missing.size(), 2u);
    EXPECT_THAT(missing[0], StartsWith("a@example.com: later 4.4.1 4.4.1 cannot connect: No such file or directory"));
    EXPECT_THAT(missing[0], HasSubstr("(here.test [" + path + "])"));
    EXPECT_THAT(missing[1], StartsWith("unreachable: later 4.4.1"));
}

}  // namespace
}  // namespace sluice::deliver
