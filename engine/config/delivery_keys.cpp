// config.delivery: transport of our own mailboxes, retries, connections.
#include <fmt/format.h>

#include "engine/config/loading.hpp"
#include "engine/deliver/router.hpp"

namespace sluice::config {

namespace {

constexpr std::string_view maildir = "maildir:";

void read_transport(Loading& loading, Reader& delivery, std::string_view key, std::string& transport) {
    delivery.string(key, transport);
    if (transport.starts_with(maildir) && transport.size() > maildir.size())
        transport = std::string(maildir) + loading.below_root(transport.substr(maildir.size()));
    if (const auto problem = deliver::Router::problem(transport); !problem.empty())
        delivery.problem(key, problem,
                         "write \"deliver\", \"forward HOST\" or \"maildir:/srv/mail/%d/%u\": %d is the domain, %u the "
                         "local part");
}

void read_count(Reader& reader, std::string_view key, std::size_t& to, std::int64_t least, std::int64_t most) {
    auto count = static_cast<std::int64_t>(to);
    reader.integer(key, count, least, most);
    to = static_cast<std::size_t>(count);
}

void read_retry(Reader& retry, deliver::RetryPolicy& policy) {
    retry.seconds("first_wait", policy.first_wait);
    retry.seconds("longest_wait", policy.longest_wait);
    retry.seconds("expiry", policy.expiry);
    retry.seconds("delay_warning", policy.delay_warning);
    if (policy.first_wait.count() < 1) retry.problem("first_wait", "the wait must be at least one second");
    if (policy.longest_wait < policy.first_wait)
        retry.problem("longest_wait", fmt::format("{} s are less than first_wait, {} s", policy.longest_wait.count(),
                                                  policy.first_wait.count()));
    retry.finish();
}

}  // namespace

void read_delivery(Loading& loading, Reader& delivery) {
    auto& settings = loading.config.delivery;
    read_transport(loading, delivery, "transport", settings.transport);
    read_transport(loading, delivery, "remote_transport", settings.remote_transport);
    if (auto retry = delivery.map("retry")) read_retry(*retry, settings.retry);
    read_count(delivery, "connections", settings.channels.of_destination, 1, 10'000);
    read_count(delivery, "connections_total", settings.channels.of_all, 1, 100'000);
    read_count(delivery, "messages_per_minute", settings.channels.messages_per_minute, 0, 1'000'000);
    read_count(delivery, "messages_per_connection", settings.messages_per_connection, 1, 1'000'000);
    delivery.duration("connection_idle", settings.idle);
    std::int64_t port = settings.port;
    delivery.integer("port", port, 1, 65535);
    settings.port = static_cast<std::uint16_t>(port);
    delivery.boolean("loopback", settings.loopback);
    delivery.string("hello_name", settings.hello_name);
    delivery.finish();
}

}  // namespace sluice::config
