// An HTTPS server on 127.0.0.1, on the io_context of the client under test, that says what the test wants. Its
// certificates come from authorities that the test makes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/tls/connection.hpp"
#include "engine/tls/server_snapshot.hpp"

namespace sluice::https {

class HttpsServer {
  public:
    // All octets to answer a request with; kSilent: none, and the connection stays open.
    using Answer = std::function<std::string(const std::string& request)>;
    static constexpr std::string_view kSilent = "!silent";

    HttpsServer(asio::io_context& io, std::shared_ptr<const tls::ServerSnapshot> certificates, Answer answer);
    // No more connections, and the open ones end.
    void stop();

    [[nodiscard]] std::uint16_t port() const { return port_; }

    std::vector<std::string> requests;      // head and content
    std::vector<std::string> server_names;  // SNI of the handshakes
    int connections = 0;

  private:
    asio::awaitable<void> accept();
    asio::awaitable<void> serve(std::shared_ptr<tls::Connection> connection);

    std::shared_ptr<const tls::ServerSnapshot> certificates_;
    Answer answer_;
    asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::vector<std::weak_ptr<tls::Connection>> open_;
};

// "HTTP/1.1 200 OK", the fields and the body with its length.
[[nodiscard]] std::string ok(std::string_view body, std::string_view media_type = "text/plain");

}  // namespace sluice::https
