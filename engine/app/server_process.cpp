#include "engine/app/server_process.hpp"

#include <grp.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include <fmt/format.h>

#include "dsl/host/system_accounts.hpp"
#include "engine/app/queue_operations.hpp"
#include "engine/base/limits.hpp"
#include "engine/filter/filter_rules.hpp"
#include "engine/sasl/secret.hpp"
#include "engine/watch/shadowed_rules.hpp"

namespace sluice::app {

namespace {

constexpr std::chrono::seconds stop_patience{30};

asio::awaitable<sasl::PasswordVerdict> check(io::BlockingPool& pool, std::shared_ptr<const sasl::UserTable> users,
                                             std::string user, std::string password) {
    const bool right = co_await pool.run([&] { return users->verify(user, password); });
    sasl::wipe(password.data(), password.size());
    co_return sasl::PasswordVerdict{right, {}};
}

std::string counts_text(const Report& report) {
    std::size_t warnings = report.tls.size() + report.diagnostics.all().size() - report.errors();
    return fmt::format("{} error(s), {} other(s)", report.errors(), warnings);
}

}  // namespace

ServerProcess::~ServerProcess() { stop(); }

std::shared_ptr<const smtp::Snapshot> ServerProcess::snapshot() const {
    const std::lock_guard lock(mutex_);
    return snapshot_;
}

// One resolver with one cache as long as its settings stay.
std::shared_ptr<dns::Resolver> ServerProcess::resolver_for(const config::Configuration& configuration) {
    if (!resolver_ || !(resolver_settings_ == configuration.dns)) {
        resolver_settings_ = configuration.dns;
        resolver_ = dns_.open(configuration.dns);
    }
    return resolver_;
}

// One swap: sessions that run keep what they began with.
void ServerProcess::publish(Generation generation) {
    auto fresh = std::make_shared<smtp::Snapshot>();
    fresh->users = generation.users;
    if (generation.users)
        fresh->check_password = [this, users = generation.users](std::string user, std::string password) {
            return check(*blocking_, users, std::move(user), std::move(password));
        };
    fresh->settings = std::shared_ptr<const smtp::Settings>(generation.configuration, &generation.configuration->smtp);
    auto rules = std::make_shared<filter::FilterRules>(
        generation.rules,
        filter::Surroundings{.log = *log_,
                             .root = generation.configuration->root,
                             .app_dir = generation.configuration->app_dir,
                             .configuration = generation.configuration->shown,
                             .blocking = *blocking_,
                             .resolver = resolver_for(*generation.configuration),
                             .ip_strategy = generation.configuration->dns.options.value_or(dns::Options()).ip_strategy,
                             .users = fresh->check_password,
                             .watch = &trace_hub_,
                             .refusals = generation.configuration->refusals.enabled ? refusals_.get() : nullptr,
                             .settings = fresh->settings});
    refusals_->configure(generation.configuration->refusals.enabled, generation.configuration->refusals.size_max);
    fresh->rules = std::make_shared<watch::ShadowedRules>(std::move(rules), shadow_);
    fresh->tls = generation.tls;
    const std::lock_guard lock(mutex_);
    snapshot_ = std::move(fresh);
    generation_ = std::move(generation);
}

bool ServerProcess::open_spool(const config::Configuration& configuration) {
    auto opened = queue::Spool::open(configuration.queue_dir, [this](queue::Health health, const std::string& why) {
        log_->event(health == queue::Health::ok ? obs::Level::info : obs::Level::error, "spool-health",
                    {{"state", std::string(queue::to_string(health))}, {"reason", why}});
    });
    if (!opened.spool) {
        std::cerr << fmt::format(
            "cannot open the spool: '{}': {}\n  hint: config.server.queues.dirpath must be a directory this user may "
            "write, used by one server only\n",
            opened.path, opened.failed.message());
        return false;
    }
    spool_ = std::move(opened.spool);
    own_endpoints_ = std::make_shared<net::OwnEndpoints>(server_->endpoints());
    delivery_ = std::make_unique<Delivery>(*spool_, *log_, [this] { return snapshot(); });
    delivery_->start(configuration, delivery_surroundings());
    for (const auto& damage : opened.scan.damage)
        log_->event(obs::Level::error, "spool-corrupt",
                    {{"piece", damage.name}, {"reason", damage.reason}, {"moved-to", "corrupt/"}});
    for (const auto& unreadable : opened.scan.unreadable)
        log_->event(obs::Level::error, "spool-unreadable",
                    {{"file", unreadable.path.string()}, {"reason", unreadable.failed.message()}});
    delivery_->recover();
    sink_.attach(*spool_, *delivery_, *log_, configuration.queue_limits);
    return true;
}

Delivery::Surroundings ServerProcess::delivery_surroundings() const {
    return {
        .resolver = resolver_,
        .own = own_endpoints_,
        .is_ours = [rules = snapshot()->rules](std::string_view domain) { return rules->handled(domain).has_value(); },
        .user_mailboxes = user_mailboxes_,
        .tls = generation_.outbound_tls};
}

// While we are root, which nobody is afterwards but the helper.
bool ServerProcess::start_user_helper(const deliver::Settings& settings) {
    const auto options = deliver::user_helper_options(settings);
    if (!options) return true;
    if (::geteuid() != 0) {
        std::cerr << "config.delivery.system_users needs a start as root: mailboxes of system users are written with "
                     "their rights\n  hint: start as root with config.server.system.user set, or use virtual mailboxes "
                     "(config.delivery.transport = \"maildir:/srv/mail/%d/%u\")\n";
        return false;
    }
    auto started = deliver::UserMailboxes::start(*options);
    if (started.failed)
        std::cerr << fmt::format("cannot start the helper for mailboxes of system users: {}\n",
                                 started.failed.message());
    user_mailboxes_ = std::move(started.mailboxes);
    return user_mailboxes_ != nullptr;
}

// After binding; as another user only if one is configured and we are root.
bool ServerProcess::drop_privileges(const config::Configuration& configuration) {
    if (::geteuid() != 0) return true;
    if (configuration.user.empty()) {
        log_->event(obs::Level::warn, "running-as-root",
                    {{"hint", "set config.server.system.user, or let systemd choose a user (sluice.service)"}});
        return true;
    }
    const auto user = dsl::find_user(configuration.user);
    if (!user) {
        std::cerr << fmt::format("user not found: '{}'\n  hint: create it, or change config.server.system.user\n",
                                 configuration.user);
        return false;
    }
    gid_t group_id = user->group;
    if (!configuration.group.empty()) {
        const auto group = dsl::find_group(configuration.group);
        if (!group) {
            std::cerr << fmt::format("group not found: '{}'\n  hint: create it, or change config.server.system.group\n",
                                     configuration.group);
            return false;
        }
        group_id = *group;
    }
    if (::initgroups(configuration.user.c_str(), group_id) != 0 || ::setgid(group_id) != 0 || ::setuid(user->id) != 0) {
        std::cerr << fmt::format("cannot become user '{}': {}\n", configuration.user,
                                 std::generic_category().message(errno));
        return false;
    }
    return true;
}

bool ServerProcess::start() {
    Report report;
    tickets_ = tls::make_ticket_keys(std::chrono::hours(12));
    auto generation = load_generation(config_path_, tickets_, report);
    std::cerr << report.text();
    if (report.has_errors() || !generation.rules) {
        std::cerr << fmt::format("not started: {}\n", counts_text(report));
        return false;
    }
    const auto configuration = generation.configuration;
    obs::LogSettings log_settings{to_stderr_ ? "" : configuration->log_file,
                                  to_stderr_ ? "" : configuration->app_log_file, configuration->log_level};
    auto opened = obs::Log::open(log_settings);
    if (!opened.log) {
        std::cerr << fmt::format(
            "cannot open the log: {}\n  hint: config.server.logs.filename needs an existing directory that this user "
            "may write\n",
            opened.error);
        return false;
    }
    log_ = std::move(opened.log);
    session_log_ = std::make_unique<obs::SessionLog>(*log_);
    refusals_ = std::make_unique<refusals::RefusalLog>(*log_, refusals::directory_in(configuration->queue_dir));
    observers_.add(*session_log_);
    observers_.add(*refusals_);
    observers_.add(trace_hub_);
    publish(std::move(generation));
    server_ = std::make_unique<net::Server>([this] { return snapshot(); }, sink_, observers_);
    if (const auto error = server_->bind(configuration->listeners, configuration->threads)) {
        std::cerr << error->to_string() << '\n';
        return false;
    }
    // Files are made by the user who will own them; the ports are bound by now.
    if (!start_user_helper(configuration->delivery) || !drop_privileges(*configuration) || !open_spool(*configuration))
        return false;
    run_dir_ = configuration->run_dir;
    if (const auto error = ControlServer::open(
            control_context_, run_dir_, [this](const std::string& r) { return control(r); }, control_);
        !error.empty()) {
        std::cerr << error << "\n  hint: config.server.run_dir must be a directory this user may write\n";
        return false;
    }
    if (const auto error = server_->start()) {
        std::cerr << error->to_string() << '\n';
        return false;
    }
    for (std::size_t i = 0; i < configuration->listeners.size(); ++i)
        log_->event(obs::Level::info, "listening", {{"address", net::to_string(server_->endpoints()[i])}});
    log_->flush();
    std::cerr << "sluice is ready\n";
    return true;
}

int ServerProcess::run() {
    // Before anything is announced: a SIGTERM that follows at once must find somebody.
    asio::signal_set set(control_context_, SIGTERM, SIGINT, SIGHUP);
    if (!start()) return 1;
    asio::co_spawn(control_context_, signals(set), asio::detached);
    control_context_.run();
    stop();
    return 0;
}

asio::awaitable<void> ServerProcess::signals(asio::signal_set& set) {
    for (;;) {
        const auto number = co_await set.async_wait(asio::use_awaitable);
        if (number != SIGHUP) break;
        (void)reload();  // the outcome is in the log
    }
    log_->event(obs::Level::info, "stopping");
    control_context_.stop();
}

// Those who watch hear the end, if they read it at once.
void ServerProcess::stop_control() {
    if (!control_) return;
    control_->close();
    trace_hub_.close();
    shadow_.stop();
    control_context_.restart();
    control_context_.run_for(limits::last_lines);
    control_.reset();
}

void ServerProcess::stop() {
    stop_control();
    if (server_) server_->stop(stop_patience);
    if (delivery_) delivery_->stop();
    blocking_.reset();  // what it still does ends before the executors it answers to
    refusals_.reset();  // no session is left that could tell it anything
    if (log_ && delivery_) log_->event(obs::Level::info, "stopped");
    server_.reset();
    delivery_.reset();
    spool_.reset();
}

ControlAnswer ServerProcess::reload() {
    Report report;
    auto generation = load_generation(config_path_, tickets_, report);
    if (report.has_errors() || !generation.rules) {
        log_->event(obs::Level::error, "reload-refused",
                    {{"errors", std::to_string(report.errors())}, {"report", report.text()}});
        return {1, report.text() + fmt::format("reload refused: {}; the running rules stay\n", counts_text(report))};
    }
    std::string notes;
    const auto& old = *generation_.configuration;
    const auto& fresh = *generation.configuration;
    const auto same = [](const auto& a, const auto& b) { return a.endpoint == b.endpoint && a.kind == b.kind; };
    if (!std::equal(old.listeners.begin(), old.listeners.end(), fresh.listeners.begin(), fresh.listeners.end(), same) ||
        old.queue_dir != fresh.queue_dir || old.queue_limits != fresh.queue_limits ||
        old.delivery.retry != fresh.delivery.retry || old.delivery.channels != fresh.delivery.channels ||
        (fresh.delivery.system_users && user_helper_options(old.delivery) != user_helper_options(fresh.delivery)) ||
        old.threads != fresh.threads || old.log_file != fresh.log_file || old.run_dir != fresh.run_dir)
        notes =
            "note: listeners, threads, queue directory and limits, retry times and connection limits of delivery, "
            "mailboxes of system users, log files and run directory change only at a restart\n";
    publish(std::move(generation));
    delivery_->reload(*generation_.configuration, delivery_surroundings());
    log_->event(obs::Level::info, "reloaded",
                {{"warnings", std::to_string(report.diagnostics.all().size() + report.tls.size())}});
    return {0, report.text() + notes + "reloaded\n"};
}

std::string ServerProcess::status() const {
    const auto counts = server_->counts();
    std::string text =
        fmt::format("connections open={} accepted={} refused={}\nmessages stored={} waiting={} active={}\nspool {}\n",
                    counts.open, counts.accepted, counts.refused, spool_->size(), delivery_->dispatcher().waiting(),
                    delivery_->dispatcher().active(), queue::to_string(spool_->health()));
    for (const auto& endpoint : server_->endpoints()) text += fmt::format("listening {}\n", net::to_string(endpoint));
    return text;
}

ControlAnswer ServerProcess::trace(std::string_view arguments) {
    const auto request = watch::TraceRequest::parse(arguments);
    if (!request) return {2, "trace: the arguments are not those that `sluice trace` sends\n"};
    auto stream = trace_hub_.open(*request, control_context_.get_executor());
    if (!stream) return {1, stream.error()};
    return {0, "", std::move(*stream)};
}

// Certificates, listeners and the spool of the new configuration do not matter: only its rules run.
ControlAnswer ServerProcess::shadow(std::string_view arguments) {
    const auto request = watch::ShadowRequest::parse(arguments);
    if (!request) return {2, "shadow: the arguments are not those that `sluice shadow` sends\n"};
    if (shadow_.busy()) return {1, std::string(watch::Shadow::refusal)};
    Report report;
    const auto generation = load_generation(request->directory, nullptr, report, {.certificates = Certificates::no});
    if (report.has_errors() || !generation.rules)
        return {1, report.text() + "the new rules cannot be loaded: nothing is compared\n"};
    const auto& configuration = *generation.configuration;
    filter::Surroundings around{.log = shadow_.silent_log(),
                                .root = configuration.root,
                                .app_dir = configuration.app_dir,
                                .configuration = configuration.shown,
                                .blocking = *blocking_,
                                .resolver = resolver_,
                                .ip_strategy = configuration.dns.options.value_or(dns::Options()).ip_strategy,
                                .saslauthd = {},
                                .rehearsed = filter::Rehearsed()};
    if (generation.users)
        around.users = [this, users = generation.users](std::string user, std::string password) {
            return check(*blocking_, users, std::move(user), std::move(password));
        };
    auto stream = shadow_.start(std::make_shared<filter::FilterRules>(generation.rules, std::move(around)), *request,
                                control_context_.get_executor());
    if (!stream) return {1, stream.error()};
    return {0, "", std::move(*stream)};
}

ControlAnswer ServerProcess::queue_request(std::string_view arguments) {
    const auto request = QueueRequest::parse(arguments);
    if (!request) return {2, "queue: the arguments are not those that `sluice queue` sends\n"};
    QueueOperations operations(*spool_, &delivery_->dispatcher(),
                               [this](const auto& envelope, std::string_view text, const auto& recipients) {
                                   return delivery_->report(envelope, text, recipients, {});
                               });
    auto answer = operations.run(*request);
    if (request->operation != "list" && request->operation != "show")
        log_->event(obs::Level::info, "queue-command", {{"request", arguments}, {"answer", answer.text}});
    return answer;
}

ControlAnswer ServerProcess::control(const std::string& request) {
    if (request == "reload") return reload();
    if (request == "status") return {0, status()};
    if (request.starts_with("trace ")) return trace(std::string_view(request).substr(6));
    if (request.starts_with("shadow ")) return shadow(std::string_view(request).substr(7));
    if (request.starts_with("queue ")) return queue_request(std::string_view(request).substr(6));
    return {2, fmt::format("unknown request '{}'\n", request)};
}

}  // namespace sluice::app
