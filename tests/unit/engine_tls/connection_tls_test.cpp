// Connections under TLS: data both ways, ends, time limits, what is refused (tls.md 8.1 tests 12, 14, 15), tickets
// (10).
#include <gtest/gtest.h>

#include "engine/tls/ticket_keys.hpp"
#include "tests/unit/engine_tls/handshake_fixture.hpp"

namespace sluice::tls {
namespace {

constexpr int kLong = 10'000;

asio::awaitable<std::string> read_text(Connection& connection, IoResult* how = nullptr) {
    std::string buffer(4096, '\0');
    const IoResult result = co_await connection.read_some(std::span<char>(buffer.data(), buffer.size()), in_ms(kLong));
    if (how != nullptr) *how = result;
    buffer.resize(result.bytes);
    co_return buffer;
}

class SecuredConnection : public HandshakeTest {
  protected:
    std::shared_ptr<const ServerSnapshot> one_domain() {
        return load({domain_of("a.test", {files_.self_signed("a", {"a.test"})})});
    }
};

TEST_F(SecuredConnection, TalksBothWaysAndClosesCleanly) {
    Loopback pair;
    auto server = pair.server(serve(pair.connection(), one_domain(), {"l"}, std::chrono::seconds(10)));
    TlsClient client(pair.client_descriptor(), {.sni = "a.test"});
    ASSERT_TRUE(client.handshake());
    EXPECT_EQ(client.read(), "220 hello\r\n");
    ASSERT_TRUE(server.get().facts);
    EXPECT_TRUE(pair.connection().secured());
    client.write("EHLO x\r\n");
    EXPECT_EQ(pair.server(read_text(pair.connection())).get(), "EHLO x\r\n");
    pair.on_server([&] { pair.connection().close(); });
    EXPECT_EQ(client.read(), "");
    EXPECT_TRUE(client.got_close_notify());
}

TEST_F(SecuredConnection, WritesMoreThanTheSocketTakesWhileReading) {
    Loopback pair;
    auto server = pair.server(serve(pair.connection(), one_domain(), {"l"}, std::chrono::seconds(10)));
    TlsClient client(pair.client_descriptor(), {.sni = "a.test"});
    ASSERT_TRUE(client.handshake());
    (void)client.read();
    ASSERT_TRUE(server.get().facts);
    auto waiting_read = pair.server(read_text(pair.connection()));
    const std::string much(8u << 20u, 'x');
    auto write = pair.server(pair.connection().write_all(much, in_ms(kLong)));
    std::size_t got = 0;
    while (got < much.size()) got += client.read().size();
    EXPECT_EQ(write.get().status, IoStatus::ok);
    client.write("done");
    EXPECT_EQ(waiting_read.get(), "done");
}

TEST_F(SecuredConnection, ReadTimesOutAndGoesOn) {
    Loopback pair;
    auto server = pair.server(serve(pair.connection(), one_domain(), {"l"}, std::chrono::seconds(10)));
    TlsClient client(pair.client_descriptor(), {.sni = "a.test"});
    ASSERT_TRUE(client.handshake());
    (void)client.read();
    (void)server.get();
    char byte = 0;
    EXPECT_EQ(pair.server(pair.connection().read_some(std::span<char>(&byte, 1), in_ms(30))).get().status,
              IoStatus::timeout);
    client.write("late");
    EXPECT_EQ(pair.server(read_text(pair.connection())).get(), "late");
}

TEST_F(SecuredConnection, BothKindsOfEndAreClosed) {
    for (const bool orderly : {true, false}) {
        Loopback pair;
        auto server = pair.server(serve(pair.connection(), one_domain(), {"l"}, std::chrono::seconds(10)));
        TlsClient client(pair.client_descriptor(), {.sni = "a.test"});
        ASSERT_TRUE(client.handshake());
        (void)client.read();
        (void)server.get();
        if (orderly) client.shutdown();
        pair.client().shutdown(asio::ip::tcp::socket::shutdown_send);
        IoResult how;
        (void)pair.server(read_text(pair.connection(), &how)).get();
        EXPECT_EQ(how.status, IoStatus::closed) << orderly;
    }
}

TEST_F(SecuredConnection, ReadableNowMeansData) {
    Loopback pair;
    auto server = pair.server(serve(pair.connection(), one_domain(), {"l"}, std::chrono::seconds(10)));
    TlsClient client(pair.client_descriptor(), {.sni = "a.test", .newest = TLS1_3_VERSION});
    ASSERT_TRUE(client.handshake());
    (void)client.read();
    (void)server.get();
    const auto readable = [&] { return pair.on_server([&] { return pair.connection().readable_now(); }); };
    EXPECT_FALSE(readable());
    SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED);
    client.write("EHLO x\r\n");
    bool seen = false;
    for (int i = 0; i < 1000 && !seen; ++i) {
        seen = readable();
        if (!seen) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_TRUE(seen);
    EXPECT_EQ(pair.server(read_text(pair.connection())).get(), "EHLO x\r\n");
}

TEST_F(SecuredConnection, RubbishInsideTlsIsAnError) {
    Loopback pair;
    auto server = pair.server(serve(pair.connection(), one_domain(), {"l"}, std::chrono::seconds(10)));
    TlsClient client(pair.client_descriptor(), {.sni = "a.test"});
    ASSERT_TRUE(client.handshake());
    (void)client.read();
    (void)server.get();
    pair.client_send(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'z'));
    IoResult how;
    (void)pair.server(read_text(pair.connection(), &how)).get();
    EXPECT_EQ(how.status, IoStatus::error);
    EXPECT_FALSE(pair.connection().last_error().message().empty());
    EXPECT_EQ(pair.server(pair.connection().write_all("x", in_ms(kLong))).get().status, IoStatus::error);
}

TEST_F(SecuredConnection, PlainTextOnImplicitTlsGetsAnAlertAndNoSmtp) {
    Loopback pair;
    auto server = pair.server(serve(pair.connection(), one_domain(), {"l"}, std::chrono::seconds(10)));
    pair.client_send("EHLO x\r\n");
    const std::string answer = pair.client_read_all();
    ASSERT_GE(answer.size(), 7u);
    EXPECT_EQ(answer[0], 21);  // an alert record
    EXPECT_EQ(answer[5], 2);   // fatal
    EXPECT_EQ(answer[6], 70);  // protocol_version
    EXPECT_EQ(answer.size(), 7u);
    const auto result = server.get();
    ASSERT_TRUE(result.failure);
    EXPECT_EQ(result.failure->kind, HandshakeError::protocol);
    EXPECT_EQ(result.failure->alert, 70);
}

// The bytes of a ClientHello, from a client that talks to a pipe.
std::string client_hello() {
    bssl::UniquePtr<SSL_CTX> context(SSL_CTX_new(TLS_method()));
    bssl::UniquePtr<SSL> ssl(SSL_new(context.get()));
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);
    SSL_set_tlsext_host_name(ssl.get(), "a.test");
    SSL_connect(ssl.get());
    const std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    BIO_mem_contents(out, &bytes, &size);
    ERR_clear_error();
    return {reinterpret_cast<const char*>(bytes), size};
}

TEST_F(SecuredConnection, HalfAClientHelloTimesOutWithoutAWord) {
    Loopback pair;
    const auto begin = Connection::Clock::now();
    auto server = pair.server(serve(pair.connection(), one_domain(), {"l"}, std::chrono::milliseconds(100)));
    const std::string hello = client_hello();
    pair.client_send(hello.substr(0, hello.size() / 2));
    EXPECT_EQ(pair.client_read_all(), "");
    const auto result = server.get();
    ASSERT_TRUE(result.failure);
    EXPECT_EQ(result.failure->kind, HandshakeError::timeout);
    EXPECT_GE(Connection::Clock::now() - begin, std::chrono::milliseconds(100));
}

TEST_F(SecuredConnection, DroppingByteByByteDoesNotStretchTheTimeout) {
    Loopback pair;
    auto server = pair.server(serve(pair.connection(), one_domain(), {"l"}, std::chrono::milliseconds(150)));
    const std::string hello = client_hello();
    std::size_t sent = 0;
    error_code failed;
    while (sent < hello.size() - 1 && server.wait_for(std::chrono::milliseconds(5)) == std::future_status::timeout) {
        pair.client().send(asio::buffer(&hello[sent++], 1), 0, failed);
    }
    ASSERT_LT(sent, hello.size() - 1) << "the whole hello was sent before the limit";
    EXPECT_EQ(server.get().failure->kind, HandshakeError::timeout);
}

TEST_F(SecuredConnection, ClientHelloInManyPiecesWorks) {
    Loopback pair;
    auto server = pair.server(serve(pair.connection(), one_domain(), {"l"}, std::chrono::seconds(10)));
    for (const char byte : client_hello()) pair.client_send(std::string_view(&byte, 1));
    char first = 0;
    ASSERT_EQ(pair.client().receive(asio::buffer(&first, 1)), 1u);
    EXPECT_EQ(first, 22);  // a handshake record: ServerHello
    pair.client().close();
    EXPECT_EQ(server.get().failure->kind, HandshakeError::peer_closed);
}

TEST_F(SecuredConnection, LeavingBeforeTheHelloIsPeerClosed) {
    Loopback pair;
    auto server = pair.server(serve(pair.connection(), one_domain(), {"l"}, std::chrono::seconds(10)));
    pair.client().close();
    const auto result = server.get();
    ASSERT_TRUE(result.failure);
    EXPECT_EQ(result.failure->kind, HandshakeError::peer_closed);
    EXPECT_FALSE(result.failure->alert);
}

TEST_F(SecuredConnection, CancelEndsTheHandshake) {
    Loopback pair;
    auto server = pair.server(serve(pair.connection(), one_domain(), {"l"}, std::chrono::seconds(10)));
    pair.on_server([&] { pair.connection().cancel(); });
    EXPECT_EQ(server.get().failure->kind, HandshakeError::cancelled);
}

TEST_F(SecuredConnection, NoClearTextAfterAFailedHandshake) {
    Loopback pair;
    const ListenerPolicy policy{"l"};
    auto server = pair.server(pair.connection().handshake(one_domain(), policy, std::chrono::milliseconds(20), false));
    EXPECT_EQ(server.get().failure->kind, HandshakeError::timeout);
    EXPECT_FALSE(pair.connection().secured());
    EXPECT_EQ(pair.server(pair.connection().write_all("250 clear\r\n", in_ms(kLong))).get().status, IoStatus::error);
    pair.client_send("MAIL FROM:<>\r\n");
    IoResult how;
    EXPECT_EQ(pair.server(read_text(pair.connection(), &how)).get(), "");
    EXPECT_EQ(how.status, IoStatus::error);
    pair.on_server([&] { pair.connection().close(); });
    EXPECT_EQ(pair.client_read_all(), "");
}

// With OpenSSL's client, since BoringSSL's cannot start one.
TEST_F(SecuredConnection, ClientRenegotiationEndsTheConnection) {
    const auto snapshot = one_domain();
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    std::thread client([&] {
        files_.run("(echo R; sleep 1) | timeout 20 openssl s_client -tls1_2 -servername a.test -connect 127.0.0.1:" +
                   std::to_string(acceptor.local_endpoint().port()) + " || true");
    });
    Connection connection(acceptor.accept());
    IoResult how;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            const ListenerPolicy policy{"l"};  // GCC 12 destroys a temporary aggregate in a co_await twice
            (void)co_await serve(connection, snapshot, policy, std::chrono::seconds(10));
            (void)co_await read_text(connection, &how);
            connection.close();
        },
        asio::detached);
    io.run();
    client.join();
    EXPECT_EQ(how.status, IoStatus::error);
    EXPECT_EQ(connection.last_error().message(), "NO_RENEGOTIATION");
    EXPECT_NE(TestFiles::read(files_.path("log")).find("RENEGOTIATING"), std::string::npos);
}

class Tickets : public HandshakeTest {
  protected:
    std::vector<DomainSettings> domains() {
        return {domain_of("a.test", {files_.self_signed("a", {"a.test"})}, {"alias.test"}),
                domain_of("b.test", {files_.self_signed("b", {"b.test"})})};
    }
    bool resumes(const std::shared_ptr<const ServerSnapshot>& snapshot, std::uint16_t version, const std::string& sni,
                 const Meeting& first, const ListenerPolicy& policy = {"127.0.0.1:465"}) {
        const Meeting second =
            meet(snapshot, {.sni = sni, .oldest = version, .newest = version, .session = first.session.get()}, policy);
        EXPECT_TRUE(second.client_done) << sni;
        EXPECT_EQ(second.server.facts->resumed, second.resumed);
        return second.resumed;
    }
};

TEST_F(Tickets, ResumedUnderTheSameNameOnly) {
    const auto snapshot = load(domains());
    for (const std::uint16_t version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const Meeting first = meet(snapshot, {.sni = "a.test", .oldest = version, .newest = version});
        ASSERT_TRUE(first.session) << version;
        EXPECT_FALSE(first.resumed);
        EXPECT_TRUE(resumes(snapshot, version, "a.test", first)) << version;
        EXPECT_FALSE(resumes(snapshot, version, "b.test", first)) << version;
        EXPECT_FALSE(resumes(snapshot, version, "a.test", first, {"127.0.0.1:587"})) << version;
    }
}

TEST_F(Tickets, SurviveAReloadAndTwoNewKeys) {
    const auto settings = domains();
    const auto before = load(settings);
    for (const std::uint16_t version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const Meeting first = meet(before, {.sni = "a.test", .oldest = version, .newest = version});
        ASSERT_TRUE(first.session);
        const auto after = load(settings);
        EXPECT_TRUE(resumes(after, version, "a.test", first)) << version;
        tickets_->rotate();
        tickets_->rotate();
        EXPECT_TRUE(resumes(after, version, "a.test", first)) << version;
        tickets_->rotate();
        EXPECT_FALSE(resumes(after, version, "a.test", first)) << version;
    }
}

TEST_F(Tickets, CanBeTurnedOff) {
    RootSettings root;
    root.session_tickets = false;
    const auto snapshot = load(domains(), root);
    for (const std::uint16_t version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const Meeting first = meet(snapshot, {.sni = "a.test", .oldest = version, .newest = version});
        EXPECT_FALSE(first.session && SSL_SESSION_has_ticket(first.session.get())) << version;
        EXPECT_TRUE(first.client_done);
    }
}

}  // namespace
}  // namespace sluice::tls
