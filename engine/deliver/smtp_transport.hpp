// Delivery to other hosts by SMTP or LMTP: one lane is one connection, over which the lane's messages go one after the
// other; with PIPELINING the next one's commands leave with the end of the one before. When a host cannot be reached or
// breaks off, the next one of the destination is tried; when none can, the destination rests. Recipients that a host
// refuses for now are offered to the next one at once, over a connection of their own.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/deliver/delivery_tls.hpp"
#include "engine/deliver/next_hops.hpp"
#include "engine/deliver/tls_planner.hpp"
#include "engine/deliver/transport.hpp"
#include "engine/smtp_client/connection.hpp"

namespace sluice::deliver {

// One connection that was opened, or could not be: for logs and TLS reports (tls.md 4.7, 4.8).
struct ConnectionReport {
    const std::string& domain;  // of the recipients, or the configured next hop
    const NextHop& hop;
    const DeliveryTls& tls;
    bool starttls_offered;
    const smtp_client::OpenFailure* failure;  // null: it is open
};

struct SmtpSettings {
    smtp_client::Options options;                                // host_name is set per host, and what `tls` plans
    std::shared_ptr<const TlsPlanner> tls;                       // null: as the options say (LMTP)
    std::function<void(const ConnectionReport&)> on_connection;  // may be empty
    std::chrono::milliseconds idle{5000};                        // how long a connection waits for another message
    std::size_t messages = 1000;                                 // over one connection
};

class SmtpTransport final : public Transport {
  public:
    // Asked once for each connection: where the destination's messages go.
    using FindHops = std::function<asio::awaitable<NextHops>()>;

    SmtpTransport(FindHops find, SmtpSettings settings) : find_(std::move(find)), settings_(std::move(settings)) {}

    [[nodiscard]] asio::awaitable<void> serve(Lane& lane) override;

  private:
    class Channel;

    FindHops find_;
    SmtpSettings settings_;
};

}  // namespace sluice::deliver
