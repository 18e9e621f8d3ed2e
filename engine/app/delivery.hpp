// Delivery as the running server has it: the dispatcher with its threads, routes made of the configuration, reports in
// the server's name, and what of all that is logged.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/app/delivery_log.hpp"
#include "engine/app/queue_rules.hpp"
#include "engine/config/configuration.hpp"
#include "engine/deliver/dispatcher.hpp"
#include "engine/deliver/tls_memory.hpp"
#include "engine/deliver/user_mailboxes.hpp"
#include "engine/dns/resolver.hpp"
#include "engine/net/own_endpoints.hpp"
#include "engine/obs/log.hpp"
#include "engine/queue/spool.hpp"
#include "engine/sts/policies.hpp"

namespace sluice::app {

class Delivery {
  public:
    struct Surroundings {
        std::shared_ptr<dns::Resolver> resolver;
        std::shared_ptr<const net::OwnEndpoints> own;
        std::function<bool(std::string_view domain)> is_ours;
        std::shared_ptr<deliver::UserMailboxes> user_mailboxes;  // null: there are no system users
        std::shared_ptr<const deliver::OutboundTls> tls;
    };
    Delivery(queue::Spool& spool, obs::Log& log, QueueRules::CurrentSnapshot snapshot)
        : spool_(spool), log_(log), rules_(std::move(snapshot), log), delivery_log_(log) {}

    void start(const config::Configuration& configuration, Surroundings around);
    // After a reload: routes are looked up anew from now on, and messages that the rules before could not decide about
    // are given to the new ones. Retry times and limits stay as they were.
    void reload(const config::Configuration& configuration, Surroundings around);
    // All that the spool holds.
    void recover();
    void stop() {
        dispatcher_->stop();
        sts_.store(nullptr);
    }

    // What the sender is told of these recipients.
    [[nodiscard]] queue::Message report(const queue::Envelope& envelope, std::string_view text,
                                        std::span<const queue::DsnRecipient> recipients, queue::TimePoint expires);

    [[nodiscard]] deliver::Dispatcher& dispatcher() noexcept { return *dispatcher_; }

  private:
    [[nodiscard]] std::shared_ptr<const deliver::Routing> make_routing(const config::Configuration& configuration,
                                                                       Surroundings around);
    [[nodiscard]] deliver::Dispatcher::Options options(const config::Configuration& configuration);
    // Held because their rules failed.
    void release_unruled();
    void release(std::vector<queue::StoredEnvelope> unruled);

    queue::Spool& spool_;
    obs::Log& log_;
    QueueRules rules_;
    std::string server_name_;
    io::BlockingPool pool_{kThreads};
    DeliveryLog delivery_log_;
    [[nodiscard]] asio::awaitable<sts::PolicyAnswer> find_sts(std::string domain, deliver::StsAge age);
    void open_sts(const config::Configuration& configuration, std::shared_ptr<dns::Resolver> resolver);

    std::shared_ptr<sts::PolicyStore> sts_store_;  // null: it cannot be opened
    std::string sts_directory_;
    std::shared_ptr<deliver::TlsMemory> tls_memory_ = std::make_shared<deliver::TlsMemory>();
    std::unique_ptr<deliver::Dispatcher> dispatcher_;  // before the pool that it waits for
    // Of the configuration at hand; goes before the dispatcher, whose executor it uses.
    std::atomic<std::shared_ptr<sts::Policies>> sts_;

    static constexpr unsigned kThreads = 4;         // mailboxes, programs, reading the spool
    static constexpr std::size_t kRecovered = 256;  // envelopes handed over at a time: there may be many
};

}  // namespace sluice::app
