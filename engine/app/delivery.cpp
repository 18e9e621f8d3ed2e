#include "engine/app/delivery.hpp"

#include <algorithm>
#include <chrono>
#include <latch>
#include <utility>
#include <vector>

#include "engine/deliver/forward_target.hpp"
#include "engine/deliver/router.hpp"
#include "engine/queue/dsn.hpp"

namespace sluice::app {

void Delivery::start(const config::Configuration& configuration, Surroundings around) {
    tls_ = tls::make_client_context();
    server_name_ = configuration.smtp.server_name;
    dispatcher_ = std::make_unique<deliver::Dispatcher>(spool_, pool_, make_routing(configuration, std::move(around)),
                                                        options(configuration));
}

void Delivery::reload(const config::Configuration& configuration, Surroundings around) {
    dispatcher_->set_routing(make_routing(configuration, std::move(around)));
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
            .tls = tls_,
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
                                const deliver::Outcome& outcome) { log_attempt(envelope, recipient, outcome); };
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

void Delivery::log_attempt(const queue::Envelope& envelope, const queue::Recipient& recipient,
                           const deliver::Outcome& outcome) {
    const bool good = recipient.state == queue::RecipientState::sent;
    const bool failed = recipient.state == queue::RecipientState::failed;
    const auto event = good ? "delivered" : failed ? "delivery-failed" : "delivery-deferred";
    const bool expired = failed && outcome.kind() == deliver::Outcome::Kind::temporary;
    log_.event(good ? obs::Level::info : obs::Level::warn, event,
               {{"id", envelope.id},
                {"to", recipient.address},
                {"via", recipient.transport.empty() ? "" : deliver::shown_method(recipient.transport)},
                {"host", outcome.host()},
                {"error", good      ? ""
                          : expired ? "expired; the last attempt said: " + outcome.text()
                                    : outcome.text()}});
}

}  // namespace sluice::app
