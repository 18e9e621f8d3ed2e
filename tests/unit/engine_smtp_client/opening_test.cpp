// Opening: who may be tried next, HELO, AUTH, local sockets, cancelling.
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/engine_smtp_client/opening_fixture.hpp"

namespace sluice::smtp_client {
namespace {

TEST_F(Opening, ARefusedConnectionIsTemporary) {
    asio::ip::tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    const auto nobody = acceptor.local_endpoint();
    acceptor.close();
    const auto failure =
        run<std::optional<OpenFailure>>(Script(), [&](ScriptedServer&) -> asio::awaitable<std::optional<OpenFailure>> {
            Connection connection(io_.get_executor());
            co_return co_await connection.open(nobody, clear_options());
        });
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->result.kind, Kind::temporary);
    EXPECT_EQ(failure->result.status, "4.4.1");
    EXPECT_EQ(failure->result.command, Command::connect);
    EXPECT_TRUE(failure->another_host);
    EXPECT_EQ(failure->result.text, "cannot connect: Connection refused");
}

TEST_F(Opening, ConnectsFromTheSourceAddress) {
    Options options = clear_options();
    options.source = asio::ip::make_address("127.0.0.9");
    expect_delivered(open(Script(), options));
    options.source = asio::ip::make_address("192.0.2.1");  // not ours (RFC 5737)
    const Outcome outcome = open(Script(), options);
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->result.status, "4.3.5");
    EXPECT_EQ(server().connections, 0);
}

TEST_F(Opening, AGreetingThatRefusesIsPermanentButAnotherHostMayDo) {
    Script script;
    script.answer = always("greeting", "554 5.7.1 not you");
    const Outcome outcome = open(script, clear_options());
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->result.kind, Kind::permanent);
    EXPECT_EQ(outcome.failure->result.text, "554 5.7.1 not you");
    EXPECT_TRUE(outcome.failure->result.remote_said());
    EXPECT_TRUE(outcome.failure->another_host);
    EXPECT_TRUE(server().commands.empty());
}

TEST_F(Opening, AServerWithoutEhloIsGreetedByHelo) {
    Script script;
    script.answer = always("EHLO", "500 5.5.1 what?");
    expect_delivered(open(script, clear_options()));
    EXPECT_TRUE(heard("HELO client.test"));
    EXPECT_TRUE(heard("MAIL FROM:<sender@here.test>"));
}

TEST_F(Opening, OneThatRefusesEhloAndHangsUpHasSaidWhy) {
    Script script;
    script.answer = [](std::string_view event, int, std::string_view) -> std::optional<std::string> {
        if (event == "EHLO") return "550 5.7.1 blocked";
        if (event == "HELO") return kCut;
        return std::nullopt;
    };
    const Outcome outcome = open(script, clear_options());
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->result.status, "5.7.1");
}

TEST_F(Opening, LmtpHasNoHelo) {
    Script script;
    script.protocol = Protocol::lmtp;
    script.answer = always("EHLO", "500 5.5.1 what?");
    const Outcome outcome = open(script, clear_options(Protocol::lmtp));
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->result.kind, Kind::permanent);
    EXPECT_FALSE(heard("HELO client.test"));
}

TEST_F(Opening, WordsBehindTheGreetingAreOutOfStep) {
    Script script;
    script.answer = always("greeting", "220 hello\r\n250 early");
    const Outcome outcome = open(script, clear_options());
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->result.cause, Cause::garbage);
}

TEST_F(Opening, AHelloNameThatWouldBeTwoCommandsIsOurMistake) {
    for (const char* name : {"", "a b", "a\r\nRSET"}) {
        Options options = clear_options();
        options.hello_name = name;
        const Outcome outcome = open(Script(), options);
        ASSERT_TRUE(outcome.failure);
        EXPECT_EQ(outcome.failure->result.cause, Cause::configuration);
        EXPECT_EQ(outcome.failure->result.status, "4.3.5");
        EXPECT_FALSE(outcome.failure->another_host);
        EXPECT_EQ(server().connections, 0);
    }
}

// --- AUTH

Options with_credentials(Options options, bool in_clear, std::string password = "secret") {
    options.credentials = Credentials{"jane", std::move(password), in_clear};
    return options;
}

TEST_F(Opening, AuthPlainAndLogin) {
    Script script;
    script.offers = {"AUTH CRAM-MD5 LOGIN PLAIN"};
    expect_delivered(open(script, with_credentials(clear_options(), true)));
    EXPECT_EQ(server().commands.at(1), "AUTH PLAIN AGphbmUAc2VjcmV0");

    script.offers = {"AUTH LOGIN"};
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "AUTH") return "334 VXNlcm5hbWU6";
        if (event == "AUTH+" && nth == 0) return "334 UGFzc3dvcmQ6";
        return std::nullopt;
    };
    expect_delivered(open(script, with_credentials(clear_options(), true)));
    EXPECT_EQ(server().commands.at(1), "AUTH LOGIN");
    EXPECT_EQ(server().commands.at(2), "amFuZQ==");
    EXPECT_EQ(server().commands.at(3), "c2VjcmV0");
}

TEST_F(Opening, ALongPasswordGoesInALineOfItsOwn) {
    Script script;
    script.offers = {"AUTH PLAIN"};
    script.answer = [](std::string_view event, int, std::string_view line) -> std::optional<std::string> {
        if (event == "AUTH" && line == "AUTH PLAIN") return "334 ";
        return std::nullopt;
    };
    // "AUTH PLAIN " + 4/3 * (6 + length) + CRLF: 366 octets of message still fit 512, 369 do not.
    expect_delivered(open(script, with_credentials(clear_options(), true, std::string(366 - 6, 'x'))));
    EXPECT_EQ(server().commands.at(1).size() + 2, 501u);
    expect_delivered(open(script, with_credentials(clear_options(), true, std::string(375 - 6, 'x'))));
    EXPECT_EQ(server().commands.at(1), "AUTH PLAIN");
    EXPECT_EQ(server().commands.at(2).size(), 500u);
}

TEST_F(Opening, CredentialsAreNotSentInClearUnlessTold) {
    Script script;
    script.offers = {"AUTH PLAIN"};
    const Outcome outcome = open(script, with_credentials(clear_options(), false));
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->result.cause, Cause::credentials);
    EXPECT_EQ(outcome.failure->result.kind, Kind::temporary);
    EXPECT_EQ(server().commands, (Strings{"EHLO client.test"}));

    script = offering_starttls();
    script.offers_under_tls = Strings{"AUTH PLAIN"};
    Options options = with_credentials(tls_options(TlsMode::required), false);
    const Outcome unverified = open(script, options);
    ASSERT_TRUE(unverified.failure);
    EXPECT_EQ(unverified.failure->result.cause, Cause::credentials);
    EXPECT_FALSE(heard("AUTH"));
    options.credentials->allow_unverified = true;
    expect_delivered(open(script, options));
    EXPECT_TRUE(heard("AUTH PLAIN AGphbmUAc2VjcmV0"));
}

TEST_F(Opening, AuthThatIsNotPossibleOrRefusedIsTemporary) {
    Script script;
    script.offers = {"AUTH GSSAPI"};
    const Outcome none = open(script, with_credentials(clear_options(), true));
    ASSERT_TRUE(none.failure);
    EXPECT_EQ(none.failure->result.status, "4.7.0");

    script.offers = {"AUTH PLAIN"};
    script.answer = always("AUTH", "535 5.7.8 wrong password");
    const Outcome refused = open(script, with_credentials(clear_options(), true));
    ASSERT_TRUE(refused.failure);
    EXPECT_EQ(refused.failure->result.kind, Kind::temporary);
    EXPECT_EQ(refused.failure->result.status, "4.7.8");
    EXPECT_EQ(refused.failure->result.text, "535 5.7.8 wrong password");
    EXPECT_EQ(refused.failure->result.command, Command::auth);

    script.answer = always("AUTH", "334 more");  // PLAIN has no more
    EXPECT_EQ(open(script, with_credentials(clear_options(), true)).failure->result.cause, Cause::garbage);
}

// --- local sockets

asio::awaitable<void> serve_lmtp_once(asio::local::stream_protocol::acceptor& acceptor) {
    asio::local::stream_protocol::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    for (const char* reply : {"220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 stored\r\n"}) {
        co_await asio::async_write(socket, asio::buffer(std::string_view(reply)), asio::use_awaitable);
        std::array<char, 1000> command{};
        co_await socket.async_read_some(asio::buffer(command), asio::use_awaitable);
    }
}

TEST_F(Opening, LmtpOverALocalSocket) {
    test::TemporaryDirectory directory;
    const asio::local::stream_protocol::endpoint path((directory / "lmtp").string());
    asio::local::stream_protocol::acceptor acceptor(io_, path);
    asio::co_spawn(io_, serve_lmtp_once(acceptor), asio::detached);
    const Results results = run<Results>(Script(), [&](ScriptedServer&) -> asio::awaitable<Results> {
        Connection connection(io_.get_executor());
        const auto failure = co_await connection.open(path, clear_options(Protocol::lmtp));
        EXPECT_FALSE(failure);
        co_return co_await connection.send(own_.mail);
    });
    EXPECT_EQ(results.at(0).text, "250 stored");
}

// --- cancelling

TEST_F(Opening, CancelEndsWhatIsOutstandingAndAllThatFollows) {
    for (const std::string event : {"greeting", "EHLO", "MAIL", "."}) {
        Connection connection(io_.get_executor());
        Script script;
        script.answer = [&](std::string_view at, int, std::string_view) -> std::optional<std::string> {
            if (at != event) return std::nullopt;
            asio::post(io_, [&] { connection.cancel(); });
            return kSilent;
        };
        const auto outcome = run<Outcome>(script, [&](ScriptedServer& server) -> asio::awaitable<Outcome> {
            Outcome all;
            all.failure = co_await connection.open(server.endpoint(), clear_options());
            all.results = co_await connection.send(own_.mail);
            all.second = co_await connection.send(own_.mail);
            co_await connection.quit();
            co_return all;
        });
        const RecipientResult& result = outcome.failure ? outcome.failure->result : outcome.results.at(0);
        EXPECT_EQ(result.cause, Cause::cancelled) << event << " " << result.text;
        EXPECT_EQ(result.kind, Kind::temporary);
        EXPECT_EQ(result.maybe_delivered(), event == ".");
        EXPECT_EQ(outcome.results.at(0).kind, Kind::temporary);
        EXPECT_EQ(outcome.second.at(0).kind, Kind::temporary);
        EXPECT_FALSE(outcome.failure && outcome.failure->another_host);
    }
}

TEST_F(Opening, CancellingTheCoroutineGivesResultsNotExceptions) {
    asio::cancellation_signal stop;
    Script script;
    script.offers.clear();
    script.answer = [&](std::string_view at, int, std::string_view) -> std::optional<std::string> {
        if (at != "RCPT") return std::nullopt;
        asio::post(io_, [&] { stop.emit(asio::cancellation_type::terminal); });
        return kSilent;
    };
    ScriptedServer server(io_, script);
    Connection connection(io_.get_executor());
    Results results;
    const auto work = [&]() -> asio::awaitable<void> {
        (void)co_await connection.open(server.endpoint(), clear_options());
        results = co_await connection.send(own_.mail);
    };
    asio::co_spawn(io_, work(), asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr) { server.stop(); }));
    io_.run();
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(results[0].cause, Cause::cancelled);
    EXPECT_EQ(results[0].command, Command::rcpt);
}

}  // namespace
}  // namespace sluice::smtp_client
