// Connection before any handshake: data, deadlines, cancel, close.
#include <gtest/gtest.h>

#include "tests/unit/engine_tls/loopback.hpp"

namespace sluice::tls {
namespace {

constexpr int kLong = 10'000;

struct Read {
    IoResult result;
    std::string bytes;
};

asio::awaitable<Read> read_once(Connection& connection, Connection::Clock::time_point deadline) {
    std::string buffer(64, '\0');
    const IoResult result = co_await connection.read_some(std::span<char>(buffer.data(), buffer.size()), deadline);
    buffer.resize(result.bytes);
    co_return Read{result, buffer};
}

TEST(ConnectionClear, ReadsWhatTheClientSent) {
    Loopback pair;
    auto read = pair.server(read_once(pair.connection(), in_ms(kLong)));
    pair.client_send("EHLO x\r\n");
    const Read got = read.get();
    EXPECT_EQ(got.result.status, IoStatus::ok);
    EXPECT_EQ(got.bytes, "EHLO x\r\n");
    EXPECT_FALSE(pair.connection().secured());
}

TEST(ConnectionClear, EndOfFileIsClosed) {
    Loopback pair;
    auto read = pair.server(read_once(pair.connection(), in_ms(kLong)));
    pair.client().shutdown(asio::ip::tcp::socket::shutdown_send);
    EXPECT_EQ(read.get().result.status, IoStatus::closed);
}

TEST(ConnectionClear, ResetIsClosed) {
    Loopback pair;
    auto read = pair.server(read_once(pair.connection(), in_ms(kLong)));
    pair.client().set_option(asio::socket_base::linger(true, 0));
    pair.client().close();
    EXPECT_EQ(read.get().result.status, IoStatus::closed);
}

TEST(ConnectionClear, ReadEndsAtItsDeadline) {
    Loopback pair;
    const auto begin = Connection::Clock::now();
    EXPECT_EQ(pair.server(read_once(pair.connection(), in_ms(50))).get().result.status, IoStatus::timeout);
    EXPECT_GE(Connection::Clock::now() - begin, std::chrono::milliseconds(50));
    // The connection is still usable: the session says 421 after a timeout.
    auto read = pair.server(read_once(pair.connection(), in_ms(kLong)));
    pair.client_send("late");
    EXPECT_EQ(read.get().bytes, "late");
}

TEST(ConnectionClear, AnOldDeadlineDoesNotEndALaterRead) {
    Loopback pair;
    auto read = pair.server([](Connection& connection) -> asio::awaitable<IoStatus> {
        (void)co_await read_once(connection, in_ms(20));
        const Read second = co_await read_once(connection, in_ms(200));
        co_return second.result.status;
    }(pair.connection()));
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    pair.client_send("x");
    EXPECT_EQ(read.get(), IoStatus::ok);
}

TEST(ConnectionClear, WriteEndsAtItsDeadlineWhenThePeerDoesNotRead) {
    Loopback pair;
    const std::string much(64u << 20u, 'x');
    const IoResult result = pair.server(pair.connection().write_all(much, in_ms(100))).get();
    EXPECT_EQ(result.status, IoStatus::timeout);
    EXPECT_LT(result.bytes, much.size());
}

TEST(ConnectionClear, WritesMoreThanTheSocketTakesAtOnce) {
    Loopback pair;
    const std::string much(16u << 20u, 'x');
    auto write = pair.server([](Connection& connection, const std::string& bytes) -> asio::awaitable<IoStatus> {
        const IoResult result = co_await connection.write_all(bytes, in_ms(kLong));
        connection.close();
        co_return result.status;
    }(pair.connection(), much));
    EXPECT_EQ(pair.client_read_all().size(), much.size());
    EXPECT_EQ(write.get(), IoStatus::ok);
}

TEST(ConnectionClear, WriteToAClosedPeerIsAnEndNotASignal) {
    Loopback pair;
    pair.client().set_option(asio::socket_base::linger(true, 0));
    pair.client().close();
    const std::string much(1u << 20u, 'x');
    EXPECT_EQ(pair.server(pair.connection().write_all(much, in_ms(kLong))).get().status, IoStatus::closed);
}

TEST(ConnectionClear, CancelEndsTheReadAndLeavesRoomForALastWord) {
    Loopback pair;
    auto read = pair.server(read_once(pair.connection(), Connection::Clock::time_point::max()));
    pair.on_server([&] { pair.connection().cancel(); });
    EXPECT_EQ(read.get().result.status, IoStatus::cancelled);
    EXPECT_EQ(pair.server(pair.connection().write_all("421 bye\r\n", in_ms(kLong))).get().status, IoStatus::ok);
    EXPECT_EQ(pair.server(read_once(pair.connection(), in_ms(kLong))).get().result.status, IoStatus::cancelled);
    pair.on_server([&] { pair.connection().close(); });
    EXPECT_EQ(pair.client_read_all(), "421 bye\r\n");
}

TEST(ConnectionClear, CancellingTheCoroutineEndsTheRead) {
    Loopback pair;
    asio::cancellation_signal stop;
    std::promise<IoStatus> ended;
    pair.on_server([&] {
        asio::co_spawn(pair.connection().executor(), read_once(pair.connection(), Connection::Clock::time_point::max()),
                       asio::bind_cancellation_slot(
                           stop.slot(), [&](std::exception_ptr, Read read) { ended.set_value(read.result.status); }));
    });
    pair.on_server([&] { stop.emit(asio::cancellation_type::terminal); });
    EXPECT_EQ(ended.get_future().get(), IoStatus::cancelled);
}

TEST(ConnectionClear, CloseDeliversTheLastReplyThoughInputIsUnread) {
    Loopback pair;
    pair.client_send("STARTTLS\r\nMAIL FROM:<x@y>\r\n");
    EXPECT_EQ(pair.server(pair.connection().write_all("554 no\r\n", in_ms(kLong))).get().status, IoStatus::ok);
    pair.on_server([&] { pair.connection().close(); });
    EXPECT_EQ(pair.client_read_all(), "554 no\r\n");
    EXPECT_FALSE(pair.client_was_reset());  // it would cost some peers the reply
}

TEST(ConnectionClear, ReadableNowSeesWaitingBytes) {
    Loopback pair;
    EXPECT_FALSE(pair.on_server([&] { return pair.connection().readable_now(); }));
    pair.client_send("x");
    bool seen = false;
    for (int i = 0; i < 1000 && !seen; ++i) {
        seen = pair.on_server([&] { return pair.connection().readable_now(); });
        if (!seen) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_TRUE(seen);
}

TEST(ConnectionClear, KnowsBothEndpoints) {
    Loopback pair;
    EXPECT_EQ(pair.connection().peer(), pair.client().local_endpoint());
    EXPECT_EQ(pair.connection().local(), pair.client().remote_endpoint());
}

}  // namespace
}  // namespace sluice::tls
