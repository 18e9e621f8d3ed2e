// The client role against the server role, on one io_context: gathered writes, quiet_now(), ends, handshakes.
#include "engine/tls/client_connection.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "engine/tls/connection.hpp"
#include "engine/tls/ticket_keys.hpp"
#include "tests/unit/engine_tls/test_files.hpp"

namespace sluice::tls {
namespace {

constexpr auto kForever = SocketStream::Clock::time_point::max();
constexpr auto kLong = std::chrono::seconds(30);

// Any certificate will do.
ClientHandshake to(const std::string& name) {
    ClientHandshake wanted;
    wanted.context = make_client_context({}).context;
    wanted.server_name = name;
    wanted.implicit = true;
    return wanted;
}

class ClientConnectionTest : public ::testing::Test {
  protected:
    // Both coroutines run to their ends.
    void run(std::function<asio::awaitable<void>(Connection&)> server,
             std::function<asio::awaitable<void>(ClientConnection&)> client) {
        asio::ip::tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
        ClientConnection outgoing(io_.get_executor());
        std::unique_ptr<Connection> incoming;
        const auto serve = [&]() -> asio::awaitable<void> {
            incoming = std::make_unique<Connection>(co_await acceptor.async_accept(asio::use_awaitable));
            co_await server(*incoming);
            incoming.reset();
        };
        const auto connect = [&]() -> asio::awaitable<void> {
            const IoStatus status = co_await outgoing.connect(acceptor.local_endpoint(), std::nullopt, kForever);
            EXPECT_EQ(status, IoStatus::ok);
            co_await client(outgoing);
            outgoing.close();
        };
        asio::co_spawn(io_, serve(), asio::detached);
        asio::co_spawn(io_, connect(), asio::detached);
        io_.run();
        io_.restart();
    }

    static asio::awaitable<std::string> read_all(Connection& connection) {
        std::string all;
        std::vector<char> block(10'000);
        for (;;) {
            const IoResult got = co_await connection.read_some(block, kForever);
            if (got.status != IoStatus::ok) co_return all;
            all.append(block.data(), got.bytes);
        }
    }
    std::shared_ptr<const ServerSnapshot> snapshot() {
        auto loaded = load_with({domain_of("a.test", {files_.self_signed("a", {"a.test"})})});
        EXPECT_TRUE(loaded.snapshot) << texts_of(loaded.problems);
        return loaded.snapshot;
    }

    asio::io_context io_;
    TestFiles files_;
};

// Pieces of all lengths, empty ones too; more than one system call takes, more than the socket takes at once.
struct Pieces {
    Pieces() {
        for (std::size_t i = 0; i < 1000; ++i)
            texts.push_back(std::string(i * i % 40'000, static_cast<char>('a' + i % 26)));
        texts.front() = texts.back() = "";
        for (const std::string& each : texts) {
            views.push_back(each);
            all += each;
        }
    }
    std::vector<std::string> texts;
    std::vector<std::string_view> views;
    std::string all;
};

TEST_F(ClientConnectionTest, GathersPiecesInClear) {
    const Pieces pieces;
    std::string got;
    run([&](Connection& server) -> asio::awaitable<void> { got = co_await read_all(server); },
        [&](ClientConnection& client) -> asio::awaitable<void> {
            const IoResult result = co_await client.write_pieces(pieces.views, kForever);
            EXPECT_EQ(result.status, IoStatus::ok);
            EXPECT_EQ(result.bytes, pieces.all.size());
            const IoResult nothing = co_await client.write_pieces({}, kForever);
            EXPECT_EQ(nothing.status, IoStatus::ok);
        });
    EXPECT_TRUE(got == pieces.all);
}

TEST_F(ClientConnectionTest, GathersPiecesUnderTls) {
    const Pieces pieces;
    std::string got;
    std::optional<Facts> facts;
    run(
        [&](Connection& server) -> asio::awaitable<void> {
            const ListenerPolicy policy{"l"};
            const HandshakeResult result = co_await server.handshake(snapshot(), policy, kLong, true);
            EXPECT_TRUE(result.facts);
            got = co_await read_all(server);
        },
        [&](ClientConnection& client) -> asio::awaitable<void> {
            const HandshakeResult result = co_await client.handshake(to("a.test"), kLong);
            facts = result.facts;
            EXPECT_TRUE(client.secured());
            EXPECT_TRUE(client.quiet_now()) << "session tickets are no words";
            const IoResult written = co_await client.write_pieces(pieces.views, kForever);
            EXPECT_EQ(written.bytes, pieces.all.size());
        });
    EXPECT_TRUE(got == pieces.all);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->version, "TLSv1.3");
    EXPECT_EQ(facts->sni, "a.test");
    EXPECT_TRUE(facts->implicit);
    EXPECT_TRUE(facts->exporter);
}

TEST_F(ClientConnectionTest, EverythingTheServerSaysOrDoesIsNotQuiet) {
    for (const bool says : {true, false}) {
        run(
            [&](Connection& server) -> asio::awaitable<void> {
                if (says) (void)co_await server.write_all("421 bye\r\n", kForever);
                if (!says) server.close();
                (void)co_await read_all(server);
            },
            [&](ClientConnection& client) -> asio::awaitable<void> {
                asio::steady_timer turn(io_);
                while (client.quiet_now()) {
                    turn.expires_after(std::chrono::milliseconds(1));
                    co_await turn.async_wait(asio::use_awaitable);
                }
                char block[100];
                const IoResult got = co_await client.read_some(block, kForever);
                EXPECT_EQ(got.status, says ? IoStatus::ok : IoStatus::closed);
            });
    }
}

TEST_F(ClientConnectionTest, ClearTextIsNoHandshake) {
    run([&](Connection& server) -> asio::awaitable<void> { (void)co_await server.write_all("220 hi\r\n", kForever); },
        [&](ClientConnection& client) -> asio::awaitable<void> {
            const HandshakeResult result = co_await client.handshake(to(""), kLong);
            EXPECT_TRUE(result.failure);
            EXPECT_FALSE(client.secured());
            const std::string_view text = "never in clear";
            const IoResult written = co_await client.write_pieces({&text, 1}, kForever);
            EXPECT_NE(written.status, IoStatus::ok);
        });
}

TEST_F(ClientConnectionTest, AServerWithNothingButEd25519CanBeReached) {
    auto loaded = load_with({domain_of("a.test", {files_.with_openssl("e", "-newkey ed25519", "a.test")})});
    ASSERT_TRUE(loaded.snapshot) << texts_of(loaded.problems);
    run(
        [&](Connection& server) -> asio::awaitable<void> {
            const ListenerPolicy policy{"l"};
            const HandshakeResult result = co_await server.handshake(loaded.snapshot, policy, kLong, true);
            EXPECT_TRUE(result.facts) << result.failure->reason;
        },
        [&](ClientConnection& client) -> asio::awaitable<void> {
            const HandshakeResult result = co_await client.handshake(to("a.test"), kLong);
            EXPECT_TRUE(result.facts) << result.failure->reason;
        });
}

}  // namespace
}  // namespace sluice::tls
