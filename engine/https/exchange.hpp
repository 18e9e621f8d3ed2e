// One request and its response on one connection, from the DNS to the last octet, within one deadline. Private to
// engine/https: client.hpp is what others use.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/https/client.hpp"
#include "engine/tls/client_connection.hpp"

namespace sluice::https {

class Exchange {
  public:
    using Clock = tls::ClientConnection::Clock;

    Exchange(asio::any_io_executor executor, dns::Resolver& resolver, const Client::Settings& settings,
             std::shared_ptr<const tls::ClientContext> context, const Request& request)
        : executor_(std::move(executor)),
          resolver_(resolver),
          settings_(settings),
          context_(std::move(context)),
          request_(request),
          deadline_(Clock::now() + request.timeout) {}

    [[nodiscard]] asio::awaitable<Result<Response, Error>> run();

  private:
    using Trouble = std::optional<Error>;

    [[nodiscard]] asio::awaitable<Trouble> resolve();
    [[nodiscard]] asio::awaitable<Trouble> connect();
    [[nodiscard]] asio::awaitable<Trouble> secure();
    [[nodiscard]] asio::awaitable<Trouble> write();
    [[nodiscard]] asio::awaitable<Result<Response, Error>> read();

    [[nodiscard]] std::string head() const;
    [[nodiscard]] Error broken(tls::IoStatus status, std::string_view doing) const;

    asio::any_io_executor executor_;
    dns::Resolver& resolver_;
    const Client::Settings& settings_;
    std::shared_ptr<const tls::ClientContext> context_;
    const Request& request_;
    Clock::time_point deadline_;
    std::vector<asio::ip::address> addresses_;
    std::unique_ptr<tls::ClientConnection> connection_;  // to the address that took it
};

}  // namespace sluice::https
