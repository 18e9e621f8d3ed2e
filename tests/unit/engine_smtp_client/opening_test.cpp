// Opening: who may be tried next, HELO, STARTTLS in all modes, injection, fallback, tunnel, AUTH, local sockets,
// cancelling.
#include "engine/base/limits.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/engine_smtp_client/client_fixture.hpp"
#include "tests/unit/engine_tls/test_files.hpp"

namespace sluice::smtp_client {
namespace {

using Strings = std::vector<std::string>;

// Answers one event, each time.
auto always(const std::string& event, const std::string& text) {
    return [=](std::string_view at, int, std::string_view) -> std::optional<std::string> {
        if (at == event) return text;
        return std::nullopt;
    };
}

class Opening : public ClientTest {
  protected:
    Outcome open(const Script& script, const Options& options) { return deliver(script, options, own_.mail); }
    bool heard(const std::string& line) {
        return std::find(server().commands.begin(), server().commands.end(), line) != server().commands.end();
    }
    static void expect_delivered(const Outcome& outcome) {
        ASSERT_FALSE(outcome.failure) << outcome.failure->result.text << " " << outcome.failure->detail;
        EXPECT_EQ(outcome.results.at(0).kind, Kind::delivered);
    }
    std::shared_ptr<const tls::ServerSnapshot> certificates() {
        if (certificates_) return certificates_;
        auto loaded = tls::load_with({tls::domain_of("peer.test", {files_.self_signed("peer", {"peer.test"})})});
        EXPECT_TRUE(loaded.snapshot) << tls::texts_of(loaded.problems);
        return certificates_ = loaded.snapshot;
    }
    Script offering_starttls() {
        Script script;
        script.offers = {"PIPELINING", "STARTTLS"};
        script.offers_under_tls = Strings{"PIPELINING", "SIZE 1000"};
        script.certificates = certificates();
        return script;
    }

    OwnMail own_{{"a@there.test"}, {kText}};
    tls::TestFiles files_;
    std::shared_ptr<const tls::ServerSnapshot> certificates_;
};

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

// --- TLS

TEST_F(Opening, TlsWithoutAContextIsOurMistake) {
    Options options = clear_options();
    options.tls.mode = TlsMode::required;
    const Outcome outcome = open(Script(), options);
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->result.cause, Cause::configuration);
}

TEST_F(Opening, StarttlsIsUsedWhereOffered) {
    for (const TlsMode mode : {TlsMode::opportunistic, TlsMode::required}) {
        const Outcome outcome = open(offering_starttls(), tls_options(mode));
        expect_delivered(outcome);
        EXPECT_EQ(outcome.second.at(0).kind, Kind::delivered);
        EXPECT_EQ(server().server_names, Strings{"peer.test"});
        EXPECT_EQ(server().commands.at(0), "EHLO client.test");
        EXPECT_EQ(server().commands.at(1), "STARTTLS");
        EXPECT_EQ(server().commands.at(2), "EHLO client.test");
        EXPECT_TRUE(server().commands.at(3).ends_with(" SIZE=" + std::to_string(kText.size())))
            << "the list before TLS is forgotten";
        EXPECT_EQ(server().mails.at(0).content, kText);
        EXPECT_TRUE(outcome.fallback.empty());
    }
}

TEST_F(Opening, LargeContentGoesThroughTls) {
    std::string lines;
    while (lines.size() < (3u << 20u)) lines += ".a line with a dot\r\n";
    const OwnMail big({"a@there.test"}, {lines});
    Script script = offering_starttls();
    script.offers_under_tls = Strings{"PIPELINING"};
    expect_delivered(deliver(script, tls_options(TlsMode::required), big.mail));
    EXPECT_EQ(server().mails.at(0).content, lines);
}

TEST_F(Opening, TheServerNameIsTheHostsWithoutTheDotAndNeverAnAddress) {
    Options options = tls_options(TlsMode::required);
    options.host_name = "peer.test.";
    expect_delivered(open(offering_starttls(), options));
    EXPECT_EQ(server().server_names, Strings{"peer.test"});
    Script script = offering_starttls();
    tls::DomainSettings any = tls::domain_of("default", {files_.self_signed("d", {"d.test"})});
    any.is_default = true;
    auto loaded = tls::load_with({any});
    ASSERT_TRUE(loaded.snapshot) << tls::texts_of(loaded.problems);
    script.certificates = loaded.snapshot;
    for (const char* host : {"192.0.2.1", "2001:db8::1", "[192.0.2.1]", ""}) {
        options.host_name = host;
        expect_delivered(open(script, options));
        EXPECT_EQ(server().server_names, Strings{""}) << host;
    }
}

TEST_F(Opening, TunnelIsTlsFromTheFirstByte) {
    Script script = offering_starttls();
    script.tunnel = true;
    script.offers_under_tls = Strings{"STARTTLS"};
    expect_delivered(open(script, tls_options(TlsMode::tunnel)));
    EXPECT_FALSE(heard("STARTTLS")) << "offered again under TLS: passed over";
}

TEST_F(Opening, WithoutStarttlsOnlyOpportunisticGoesOn) {
    expect_delivered(open(Script(), tls_options(TlsMode::opportunistic)));
    const Outcome outcome = open(Script(), tls_options(TlsMode::required));
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->result.text, "451 4.7.6 [internal] STARTTLS required but not advertised");
    EXPECT_EQ(outcome.failure->result.status, "4.7.6");
    EXPECT_EQ(outcome.failure->result.kind, Kind::temporary);
    EXPECT_FALSE(heard("MAIL FROM:<sender@here.test>"));
}

TEST_F(Opening, ARefusedStarttls) {
    Script script = offering_starttls();
    script.answer = always("STARTTLS", "454 4.7.0 not now");
    const Outcome required = open(script, tls_options(TlsMode::required));
    ASSERT_TRUE(required.failure);
    EXPECT_EQ(required.failure->result.text, "451 4.7.5 [internal] no tls go-ahead");
    EXPECT_EQ(required.failure->detail, "454 4.7.0 not now");
    EXPECT_EQ(server().connections, 1);

    const Outcome again = open(script, tls_options(TlsMode::opportunistic));
    expect_delivered(again);
    EXPECT_EQ(server().connections, 2);
    EXPECT_EQ(again.fallback, "451 4.7.5 [internal] no tls go-ahead: 454 4.7.0 not now");

    Options same = tls_options(TlsMode::opportunistic);
    same.tls.fallback_new_connection = false;
    expect_delivered(open(script, same));
    EXPECT_EQ(server().connections, 1);

    Options never = tls_options(TlsMode::opportunistic);
    never.tls.fallback = never.tls.fallback_new_connection = false;
    EXPECT_TRUE(open(script, never).failure);
    EXPECT_EQ(server().connections, 1);
}

// What an attacker puts behind the 220 in clear must neither count as said under TLS nor go unnoticed.
TEST_F(Opening, ClearTextBehindTheReplyToStarttlsIsAFailure) {
    for (const char* injected : {"250 early", "250-peer\r\n250 AUTH PLAIN", "x"}) {
        Script script = offering_starttls();
        script.answer = always("STARTTLS", std::string("220 go\r\n") + injected);
        const Outcome outcome = open(script, tls_options(TlsMode::required));
        ASSERT_TRUE(outcome.failure);
        EXPECT_EQ(outcome.failure->result.text, "451 4.7.5 [internal] TLS negotiation failed");
        EXPECT_EQ(outcome.failure->result.status, "4.7.5");
        EXPECT_TRUE(server().server_names.empty());
        EXPECT_FALSE(heard("MAIL FROM:<sender@here.test>"));
    }
}

TEST_F(Opening, AFailedHandshakeFallsBackOnlyWhenOpportunistic) {
    Script script = offering_starttls();
    Options options = tls_options(TlsMode::required);
    options.host_name = "unknown.test";  // the server ends that with an alert
    const Outcome required = open(script, options);
    ASSERT_TRUE(required.failure);
    EXPECT_EQ(required.failure->result.text, "451 4.7.5 [internal] TLS negotiation failed");
    EXPECT_NE(required.failure->detail.find("(alert 112)"), std::string::npos) << required.failure->detail;
    EXPECT_TRUE(required.failure->another_host);

    options.tls.mode = TlsMode::opportunistic;
    const Outcome fallen = open(script, options);
    expect_delivered(fallen);
    EXPECT_EQ(server().connections, 2);
    EXPECT_TRUE(fallen.fallback.starts_with("451 4.7.5 [internal] TLS negotiation failed: ")) << fallen.fallback;
    options.tls.fallback = false;
    EXPECT_TRUE(open(script, options).failure);
}

TEST_F(Opening, ASilentHandshakeEndsAtItsTimeout) {
    Script script = offering_starttls();
    script.answer = [](std::string_view event, int, std::string_view) -> std::optional<std::string> {
        if (event == "STARTTLS") return "220 go";
        return std::nullopt;
    };
    Options options = tls_options(TlsMode::tunnel);  // a server in clear waits for commands, the client for its hello
    options.timeouts.handshake = std::chrono::milliseconds(50);
    script.answer = always("greeting", kSilent);
    const Outcome outcome = open(script, options);
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->detail, "handshake timeout");
}

TEST_F(Opening, AConnectionDroppedRightAfterTheHandshakeCountsAsFailedNegotiation) {
    Script script = offering_starttls();
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "EHLO" && nth == 1) return kCut;
        return std::nullopt;
    };
    expect_delivered(open(script, tls_options(TlsMode::opportunistic)));
    EXPECT_EQ(server().connections, 2);
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
    expect_delivered(open(script, with_credentials(tls_options(TlsMode::required), false)));
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
