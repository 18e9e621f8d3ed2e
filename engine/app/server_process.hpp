// The running server: listeners, spool, delivery, reload and an orderly end. Used by `sluice run`.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/app/control.hpp"
#include "engine/app/delivery.hpp"
#include "engine/app/generation.hpp"
#include "engine/app/spool_sink.hpp"
#include "engine/dns/resolver_service.hpp"
#include "engine/filter/filter_rules.hpp"
#include "engine/io/blocking_pool.hpp"
#include "engine/net/server.hpp"
#include "engine/obs/log.hpp"
#include "engine/refusals/refusal_log.hpp"
#include "engine/watch/shadow.hpp"
#include "engine/watch/trace_hub.hpp"

namespace sluice::app {

constexpr unsigned blocking_threads = 4;  // files of rules, password hashing

class ServerProcess {
  public:
    ServerProcess(std::string config_path, bool to_stderr)
        : config_path_(std::move(config_path)), to_stderr_(to_stderr) {}
    ~ServerProcess();

    // Loads, binds, drops privileges, serves until SIGTERM or SIGINT. Exit code.
    [[nodiscard]] int run();

  private:
    [[nodiscard]] bool start();
    [[nodiscard]] bool open_spool(const config::Configuration& configuration);
    [[nodiscard]] bool start_user_helper(const deliver::Settings& settings);
    [[nodiscard]] bool drop_privileges(const config::Configuration& configuration);
    void publish(Generation generation);
    [[nodiscard]] Delivery::Surroundings delivery_surroundings() const;
    [[nodiscard]] std::shared_ptr<dns::Resolver> resolver_for(const config::Configuration& configuration);
    [[nodiscard]] std::shared_ptr<const smtp::Snapshot> snapshot() const;
    [[nodiscard]] ControlAnswer control(const std::string& request);
    [[nodiscard]] ControlAnswer trace(std::string_view arguments);
    [[nodiscard]] ControlAnswer shadow(std::string_view arguments);
    [[nodiscard]] ControlAnswer queue_request(std::string_view arguments);
    void stop_control();
    [[nodiscard]] ControlAnswer reload();
    [[nodiscard]] std::string status() const;
    asio::awaitable<void> signals(asio::signal_set& set);
    void stop();

    std::string config_path_;
    bool to_stderr_;
    std::unique_ptr<obs::Log> log_;
    std::unique_ptr<obs::SessionLog> session_log_;
    std::unique_ptr<refusals::RefusalLog> refusals_;
    smtp::ObserverList observers_;
    watch::TraceHub trace_hub_;
    watch::Shadow shadow_;  // outlives what its rules wait for: DNS, the blocking pool
    std::shared_ptr<tls::TicketKeys> tickets_;
    dns::ResolverService dns_{[this](const std::string& problem) {
        if (log_) log_->event(obs::Level::warn, "dns", {{"problem", problem}});
    }};
    std::shared_ptr<dns::Resolver> resolver_;  // of the generation
    dns::Settings resolver_settings_;
    std::shared_ptr<deliver::UserMailboxes> user_mailboxes_;
    std::unique_ptr<queue::Spool> spool_;
    std::unique_ptr<Delivery> delivery_;
    std::shared_ptr<const net::OwnEndpoints> own_endpoints_;
    SpoolSink sink_;
    mutable std::mutex mutex_;  // guards the two below: taken once per connection
    std::shared_ptr<const smtp::Snapshot> snapshot_;
    Generation generation_;
    std::unique_ptr<net::Server> server_;
    std::optional<io::BlockingPool> blocking_{blocking_threads};
    asio::io_context control_context_{1};
    std::unique_ptr<ControlServer> control_;
    std::string run_dir_;
};

}  // namespace sluice::app
