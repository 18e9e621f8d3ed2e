#include "engine/app/delivery.hpp"

#include <algorithm>
#include <chrono>
#include <latch>
#include <utility>
#include <vector>

#include "engine/deliver/forward_target.hpp"
#include "engine/deliver/router.hpp"
#include "engine/https/client.hpp"
#include "engine/queue/dsn.hpp"

namespace sluice::app {

void Delivery::start(const config::Configuration& configuration, Surroundings around) {
    server_name_ = configuration.smtp.server_name;
    auto resolver = around.resolver;
    dispatcher_ = std::make_unique<deliver::Dispatcher>(spool_, pool_, make_routing(configuration, std::move(around)),
                                                        options(configuration));
    open_sts(configuration, std::move(resolver));
}

// A resolver belongs to a configuration, and so do the policies that were looked up with it; what is on disk stays.
void Delivery::open_sts(const config::Configuration& configuration, std::shared_ptr<dns::Resolver> resolver) {
    const auto& settings = configuration.delivery;
    const std::string directory =
        settings.mta_sts_store.empty() ? configuration.queue_dir + "/mta-sts" : settings.mta_sts_store;
    if (directory != sts_directory_) {
        auto opened = sts::PolicyStore::open(directory);
        if (!opened.store)
            log_.event(
                obs::Level::error, "mta-sts-store",
                {{"directory", directory},
                 {"error", opened.error},
                 {"hint", "policies are kept in memory only until config.delivery.mta_sts_store can be written"}});
        sts_store_ = std::move(opened.store);
        sts_directory_ = directory;
    }
    auto trust =
        settings.mta_sts_ca.empty() ? tls::TrustStore::system() : tls::TrustStore::load(settings.mta_sts_ca, {}, {});
    if (!trust.store)
        log_.event(obs::Level::error, "mta-sts-ca",
                   {{"error", "no MTA-STS policy can be fetched: there are no trusted certification authorities"},
                    {"file", settings.mta_sts_ca.empty() ? tls::kSystemBundle : settings.mta_sts_ca}});
    https::Client client(resolver, {.trust = std::move(trust.store),
                                    .addresses = configuration.dns.options.value_or(dns::Options()).ip_strategy});
    auto fetcher = std::make_shared<sts::HttpsPolicyFetcher>(
        std::move(client), sts::HttpsPolicyFetcher::Settings{.port = settings.mta_sts_port});
    sts::Policies::Settings how;
    how.note = [this](const std::string& line) { log_.event(obs::Level::warn, "mta-sts", {{"text", line}}); };
    sts_.store(std::make_shared<sts::Policies>(dispatcher_->executor(), std::move(resolver), std::move(fetcher),
                                               sts_store_, pool_, std::move(how)));
}

asio::awaitable<sts::PolicyAnswer> Delivery::find_sts(std::string domain, deliver::StsAge age) {
    const auto policies = sts_.load();
    if (!policies) co_return sts::PolicyAnswer();
    if (age == deliver::StsAge::fresh) co_return co_await policies->refresh(std::move(domain));
    co_return co_await policies->find(std::move(domain));
}

void Delivery::reload(const config::Configuration& configuration, Surroundings around) {
    auto resolver = around.resolver;
    dispatcher_->set_routing(make_routing(configuration, std::move(around)));
    open_sts(configuration, std::move(resolver));
    release_unruled();
}

void Delivery::release_unruled() {
    std::vector<queue::StoredEnvelope> unruled;
    const auto choose = [&](queue::StoredEnvelope each) {
        if (each.envelope.held_by_rules) unruled.push_back(std::move(each));
    };
    spool_.each(choose, {}, queue::Queue::hold);
    release(std::move(unruled));
}

// All of them before it waits: they share commits.
void Delivery::release(std::vector<queue::StoredEnvelope> unruled) {
    std::latch moving(static_cast<std::ptrdiff_t>(unruled.size()));
    for (auto& each : unruled)
        spool_.move(each.envelope.id, queue::Queue::working, [&each, &moving](std::error_code failed) {
            if (!failed) each.queue = queue::Queue::working;
            moving.count_down();
        });
    moving.wait();
    dispatcher_->add_recovered(std::move(unruled));  // leaves out what is still held
}

void Delivery::recover() {
    std::vector<queue::StoredEnvelope> found;
    std::vector<queue::StoredEnvelope> unruled;
    const auto take = [&](queue::StoredEnvelope each) {
        found.push_back(std::move(each));
        if (found.size() == kRecovered) dispatcher_->add_recovered(std::exchange(found, {}));
    };
    const auto unreadable = [&](const std::string& id, std::error_code failed) {
        log_.event(obs::Level::error, "spool-trouble",
                   {{"id", id}, {"error", "cannot read the envelope: " + failed.message()}});
        queue::StoredEnvelope again;
        again.envelope.id = id;
        take(std::move(again));  // the dispatcher reads it again, and waits if it must
    };
    spool_.each(
        [&](queue::StoredEnvelope each) {
            if (queue::is_delivered(each.queue))
                take(std::move(each));
            else if (each.envelope.held_by_rules)
                unruled.push_back(std::move(each));
        },
        unreadable);
    dispatcher_->add_recovered(std::move(found));
    release(std::move(unruled));
}

std::shared_ptr<const deliver::Routing> Delivery::make_routing(const config::Configuration& configuration,
                                                               Surroundings around) {
    return std::make_shared<deliver::Router>(
        configuration.delivery,
        deliver::RouterSurroundings{
            .resolver = std::move(around.resolver),
            .strategy = configuration.dns.options.value_or(dns::Options()).ip_strategy,
            .pool = pool_,
            .server_name = configuration.smtp.server_name,
            .is_ours = std::move(around.is_ours),
            .is_own_listener = [own = std::move(around.own)](const auto& endpoint) { return own->contains(endpoint); },
            .tls = std::move(around.tls),
            .tls_memory = tls_memory_,
            .find_sts = [this](std::string domain, deliver::StsAge age) { return find_sts(std::move(domain), age); },
            .on_connection = [this, note = configuration.delivery.note_starttls_offer](
                                 const deliver::ConnectionReport& report) { delivery_log_.connection(report, note); },
            .user_mailboxes = std::move(around.user_mailboxes)});
}

deliver::Dispatcher::Options Delivery::options(const config::Configuration& configuration) {
    deliver::Dispatcher::Options options;
    options.channels = configuration.delivery.channels;
    options.retry = configuration.delivery.retry;
    // A host that failed once is not left alone for longer than a message would be.
    options.channels.first_rest =
        std::min(options.channels.first_rest, std::chrono::ceil<std::chrono::seconds>(options.retry.first_wait));
    options.rules = [this](queue::Message& message) { return rules_.run(message); };
    options.on_attempt = [this](const queue::Envelope& envelope, const queue::Recipient& recipient,
                                const deliver::Outcome& outcome) {
        delivery_log_.attempt(envelope, recipient, outcome);
    };
    options.on_trouble = [this](const std::string& id, const std::string& what) {
        log_.event(obs::Level::error, "spool-trouble", {{"id", id}, {"error", what}});
    };
    options.report = [this](const queue::Envelope& envelope, std::string_view text,
                            std::span<const queue::DsnRecipient> recipients,
                            queue::TimePoint expires) { return report(envelope, text, recipients, expires); };
    return options;
}

queue::Message Delivery::report(const queue::Envelope& envelope, std::string_view text,
                                std::span<const queue::DsnRecipient> recipients, queue::TimePoint expires) {
    auto report =
        queue::make_dsn(envelope, text, recipients,
                        {.server_name = server_name_, .now = std::chrono::system_clock::now(), .expires = expires});
    log_.event(obs::Level::info, "report-sent",
               {{"id", report.envelope.id}, {"about", envelope.id}, {"to", envelope.reverse_path}});
    return report;
}

}  // namespace sluice::app
