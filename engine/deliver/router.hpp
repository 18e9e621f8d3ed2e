// From a recipient to its route: by the transport that a rule chose, else by whose domain it is. Immutable, so that a
// reload puts another one in its place; routes are looked up again at each try, and nothing of them is stored but what
// a rule said (forward_target.hpp).
// Destinations (destination.hpp): the method is "deliver DOMAIN", otherwise the transport itself (settings.hpp).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/deliver/destination.hpp"
#include "engine/deliver/dispatcher.hpp"
#include "engine/deliver/next_hops.hpp"
#include "engine/deliver/settings.hpp"
#include "engine/deliver/smtp_transport.hpp"
#include "engine/dns/resolver.hpp"
#include "engine/io/blocking_pool.hpp"

namespace sluice::deliver {

class UserMailboxes;  // user_mailboxes.hpp

struct RouterSurroundings {
    std::shared_ptr<dns::Resolver> resolver;
    dns::IpStrategy strategy = dns::IpStrategy::ipv6_then_ipv4;
    io::BlockingPool& pool;
    std::string server_name;
    std::function<bool(std::string_view domain)> is_ours;
    std::function<bool(const asio::ip::tcp::endpoint&)> is_own_listener;
    std::shared_ptr<const OutboundTls> tls;
    std::shared_ptr<TlsMemory> tls_memory;
    FindSts find_sts;                                            // empty: no MTA-STS
    std::function<void(const ConnectionReport&)> on_connection;  // may be empty
    std::shared_ptr<UserMailboxes> user_mailboxes;               // null: there is no helper
};

class Router final : public Routing {
  public:
    Router(Settings settings, RouterSurroundings around);

    // What is wrong with a transport of the configuration; empty: nothing.
    [[nodiscard]] static std::string problem(std::string_view transport);

    [[nodiscard]] std::string destination(const queue::Envelope& envelope,
                                          const queue::Recipient& recipient) const override;
    [[nodiscard]] std::shared_ptr<Transport> transport(const std::string& destination) const override;

  private:
    [[nodiscard]] std::shared_ptr<Transport> to_domain(std::string domain, const Destination& how) const;
    [[nodiscard]] std::shared_ptr<Transport> forwarded(std::string_view target, const Destination& how) const;
    [[nodiscard]] std::shared_ptr<Transport> handed_over(std::string_view lmtp_target) const;
    [[nodiscard]] SmtpSettings smtp_settings() const;
    [[nodiscard]] std::shared_ptr<const TlsPlanner> planner(TlsPlanner::Target target, const Destination& how,
                                                            const std::string& rules) const;

    Settings settings_;
    RouterSurroundings around_;
    HopSettings hops_;
};

}  // namespace sluice::deliver
