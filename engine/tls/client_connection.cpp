#include "engine/tls/client_connection.hpp"

#include <fcntl.h>

#include <cstring>
#include <utility>

#include "engine/tls/client_channel.hpp"

namespace sluice::tls {

error_code ClientConnection::open(const Endpoint& endpoint, const std::optional<asio::ip::address>& source) {
    SocketStream::Socket socket(executor_);
    error_code failed;
    socket.open(endpoint.protocol(), failed);
    if (failed) return failed;
    // Programs that rules run must not inherit it.
    ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
    if (source) socket.bind(asio::ip::tcp::endpoint(*source, 0), failed);
    if (!failed) stream_ = std::make_unique<SocketStream>(std::move(socket));
    return failed;
}

asio::awaitable<IoStatus> ClientConnection::connect(Endpoint endpoint, std::optional<asio::ip::address> source,
                                                    Clock::time_point deadline) {
    if (cancelled_) co_return IoStatus::cancelled;
    open_error_ = open(endpoint, source);
    if (open_error_) co_return IoStatus::error;
    co_return co_await stream_->connect(endpoint, deadline);
}

asio::awaitable<HandshakeResult> ClientConnection::handshake(ClientHandshake wanted,
                                                             std::chrono::milliseconds timeout) {
    const Clock::time_point begin = Clock::now();
    const bool implicit = wanted.implicit;
    auto made = std::make_unique<ClientChannel>(stream_->socket().native_handle(), std::move(wanted));
    const ClientChannel& channel = *made;
    stream_->secure(std::move(made));
    const SocketStream::HandshakeEnd end = co_await stream_->handshake(begin + timeout);
    if (end.status == IoStatus::ok) {
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
        co_return HandshakeResult{channel.facts(implicit, took), std::nullopt};
    }
    HandshakeError kind = HandshakeError::protocol;
    if (end.status == IoStatus::closed) kind = HandshakeError::peer_closed;
    if (end.status == IoStatus::timeout) kind = HandshakeError::timeout;
    if (end.status == IoStatus::cancelled) kind = HandshakeError::cancelled;
    co_return HandshakeResult{std::nullopt, channel.failure(kind, end.last.why)};
}

void ClientConnection::close() noexcept {
    if (stream_) stream_->close();
}

void ClientConnection::cancel() noexcept {
    cancelled_ = true;
    if (stream_) stream_->cancel();
}

asio::ip::address ClientConnection::local_address() const {
    if (!stream_) return {};
    error_code gone;
    const Endpoint local = stream_->socket().local_endpoint(gone);
    asio::ip::tcp::endpoint address;
    const bool is_tcp = !gone && local.protocol().family() != AF_UNIX && local.size() <= address.capacity();
    if (!is_tcp) return {};
    std::memcpy(address.data(), local.data(), local.size());
    return address.address();
}

error_code ClientConnection::last_error() const noexcept {
    return open_error_ || !stream_ ? open_error_ : stream_->last_error();
}

}  // namespace sluice::tls
