#include "engine/tls/connection.hpp"

#include <utility>

#include "engine/tls/server_channel.hpp"
#include "engine/tls/server_snapshot.hpp"

namespace sluice::tls {

namespace {

using Endpoint = asio::ip::tcp::endpoint;

Endpoint peer_of(const asio::ip::tcp::socket& socket) {
    error_code gone;
    return socket.remote_endpoint(gone);
}

Endpoint local_of(const asio::ip::tcp::socket& socket) {
    error_code gone;
    return socket.local_endpoint(gone);
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket)
    : peer_(peer_of(socket)), local_(local_of(socket)), stream_(std::move(socket)) {}

asio::awaitable<IoResult> Connection::read_some(std::span<char> into, Clock::time_point deadline) {
    return stream_.read_some(into, deadline);
}

asio::awaitable<IoResult> Connection::write_all(std::string_view bytes, Clock::time_point deadline) {
    return stream_.write_all(bytes, deadline);
}

bool Connection::can_handshake(const ServerSnapshot* snapshot) const noexcept { return snapshot && !snapshot->empty(); }

asio::awaitable<HandshakeResult> Connection::handshake(std::shared_ptr<const ServerSnapshot> snapshot,
                                                       const ListenerPolicy& policy, std::chrono::milliseconds timeout,
                                                       bool implicit) {
    const Clock::time_point begin = Clock::now();
    auto made = std::make_unique<ServerChannel>(stream_.socket().native_handle(), snapshot, policy);
    const ServerChannel& channel = *made;
    stream_.secure(std::move(made));
    const SocketStream::HandshakeEnd end = co_await stream_.handshake(begin + timeout);
    if (end.status == IoStatus::ok) {
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
        co_return HandshakeResult{channel.facts(implicit, took), std::nullopt};
    }
    HandshakeError kind = channel.kind_of(end.last);
    if (end.status == IoStatus::timeout) kind = HandshakeError::timeout;
    if (end.status == IoStatus::cancelled) kind = HandshakeError::cancelled;
    co_return HandshakeResult{std::nullopt, channel.failure(kind, end.last.why)};
}

}  // namespace sluice::tls
