#include "tests/unit/engine_https/https_server.hpp"

#include <array>
#include <utility>

namespace sluice::https {

namespace {

constexpr auto kForever = tls::Link::Clock::time_point::max();

std::size_t content_length(const std::string& head) {
    const std::size_t at = head.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

}  // namespace

HttpsServer::HttpsServer(asio::io_context& io, std::shared_ptr<const tls::ServerSnapshot> certificates, Answer answer)
    : certificates_(std::move(certificates)),
      answer_(std::move(answer)),
      acceptor_(io, {asio::ip::address_v4::loopback(), 0}),
      port_(acceptor_.local_endpoint().port()) {
    asio::co_spawn(io, accept(), asio::detached);
}

void HttpsServer::stop() {
    acceptor_.close();
    for (const auto& each : open_) {
        if (const auto connection = each.lock()) connection->cancel();
    }
}

asio::awaitable<void> HttpsServer::accept() {
    for (;;) {
        auto [failed, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
        if (failed) co_return;
        ++connections;
        auto connection = std::make_shared<tls::Connection>(std::move(socket));
        open_.push_back(connection);
        asio::co_spawn(acceptor_.get_executor(), serve(std::move(connection)), asio::detached);
    }
}

asio::awaitable<void> HttpsServer::serve(std::shared_ptr<tls::Connection> connection) {
    const tls::ListenerPolicy policy{.listener_id = "https", .alpn = std::vector<std::string>()};
    const auto result = co_await connection->handshake(certificates_, policy, std::chrono::seconds(60), true);
    if (!result.facts) co_return;
    server_names.push_back(result.facts->sni.value_or(""));
    std::string request;
    std::array<char, 4096> block;
    for (;;) {
        const std::size_t end = request.find("\r\n\r\n");
        if (end != std::string::npos && request.size() >= end + 4 + content_length(request)) break;
        const tls::IoResult got = co_await connection->read_some(block, kForever);
        if (got.status != tls::IoStatus::ok) co_return;
        request.append(block.data(), got.bytes);
    }
    requests.push_back(request);
    const std::string answer = answer_(request);
    if (answer == kSilent) {
        (void)co_await connection->read_some(block, kForever);
    } else {
        (void)co_await connection->write_all(answer, kForever);
    }
    connection->close();
}

std::string ok(std::string_view body, std::string_view media_type) {
    return "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(media_type) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace sluice::https
