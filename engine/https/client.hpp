// A small HTTPS client: one request a connection, HTTP/1.1, no redirects, no cookies, no cache. engine/sts fetches
// policies with it, reports about TLS are posted with it (RFC 8460 5.2).
// The server must prove to be the host: a chain to a trusted CA, in date, the host among the DNS names of the
// certificate (RFC 6125; the common name never counts).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/asio.hpp"
#include "engine/base/result.hpp"
#include "engine/dns/resolver.hpp"
#include "engine/dns/resolver_settings.hpp"
#include "engine/https/error.hpp"
#include "engine/https/response_reader.hpp"
#include "engine/tls/client_context.hpp"
#include "engine/tls/trust_store.hpp"

namespace sluice::https {

struct Content {
    std::string media_type;  // "application/tlsrpt+gzip"
    std::string octets;
};

struct Request {
    std::string host;  // a name in A-labels; no address
    std::uint16_t port = 443;
    std::string target = "/";        // path and query, up to limits::https_target
    std::optional<Content> content;  // with it: POST, else GET
    Expectation expectation;
    std::chrono::milliseconds timeout{60'000};  // of everything together, from the DNS to the last octet
};

class Client {
  public:
    struct Settings {
        std::shared_ptr<const tls::TrustStore> trust;  // null: no server is believed
        dns::IpStrategy addresses = dns::IpStrategy::ipv4_then_ipv6;
        std::string user_agent = "Sluice";
    };
    Client(std::shared_ptr<dns::Resolver> resolver, Settings settings);

    // A response with status 2xx, or why there is none. Any number at once, from any thread; the client must live until
    // the end. Cancellation of the awaiting coroutine ends it: with Fault::connection, or as that coroutine wants
    // cancellations to be told.
    [[nodiscard]] asio::awaitable<Result<Response, Error>> send(Request request) const;

  private:
    std::shared_ptr<dns::Resolver> resolver_;
    Settings settings_;
    std::shared_ptr<const tls::ClientContext> context_;
};

}  // namespace sluice::https
