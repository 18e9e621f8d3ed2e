// config.delivery: transport of our own mailboxes, retries, connections.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/config/loading.hpp"
#include "engine/deliver/mailbox_transport.hpp"
#include "engine/deliver/router.hpp"

namespace sluice::config {

namespace {

constexpr std::string_view hint =
    "write \"maildir:/srv/mail/%d/%u\" or \"mbox:/var/mail/%u\" (%d is the domain, %u the local part), "
    "\"lmtp:/run/lmtp\", \"lmtp:127.0.0.1:24\", \"pipe:/usr/bin/procmail -d %u\", \"deliver\" or \"forward HOST\"";

// How many octets at the beginning of a transport's argument are a path.
std::size_t path_length(std::string_view prefix, std::string_view argument) {
    if (argument.starts_with("~/")) return 0;  // of a user, not ours
    if (prefix == deliver::pipe_prefix) return std::min(argument.find_first_of(" \t"), argument.size());
    const bool is_path = prefix != deliver::lmtp_prefix || argument.find('/') != std::string_view::npos;
    return is_path ? argument.size() : 0;
}

// With its path below the configuration root.
std::string placed(Loading& loading, const std::string& transport) {
    for (const auto prefix :
         {deliver::maildir_prefix, deliver::mbox_prefix, deliver::lmtp_prefix, deliver::pipe_prefix}) {
        if (!transport.starts_with(prefix)) continue;
        const std::string argument = transport.substr(prefix.size());
        const std::size_t length = path_length(prefix, argument);
        if (length == 0) return transport;
        return std::string(prefix) + loading.below_root(argument.substr(0, length)) + argument.substr(length);
    }
    return transport;
}

bool in_home(std::string_view transport) {
    return deliver::is_mailbox(transport) && deliver::mailbox_path(transport).path->is_in_home();
}

void read_transport(Loading& loading, Reader& delivery, std::string_view key, std::string& transport) {
    delivery.string(key, transport);
    const std::string whole = placed(loading, transport);
    std::string problem = deliver::Router::problem(whole);
    if (whole != transport && whole.starts_with(deliver::pipe_prefix) &&
        loading.config.root.find_first_of(" \t") != std::string::npos)
        problem = "a relative path of a program cannot be used: the configuration directory has a blank in its name";
    if (problem.empty() && !loading.config.delivery.system_users && in_home(whole))
        problem = "a path that begins with ~/ needs config.delivery.system_users = true";
    if (!problem.empty()) delivery.problem(key, problem, std::string(hint));
    transport = whole;
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

// How long the other host may take (RFC 5321 4.5.3.2).
void read_timeouts(Reader& timeout, smtp_client::Timeouts& timeouts) {
    for (const auto& [key, time] : {std::pair("connect", &timeouts.connect),
                                    {"greeting", &timeouts.greeting},
                                    {"ehlo", &timeouts.ehlo},
                                    {"starttls", &timeouts.starttls},
                                    {"handshake", &timeouts.handshake},
                                    {"auth", &timeouts.auth},
                                    {"mail", &timeouts.mail},
                                    {"rcpt", &timeouts.rcpt},
                                    {"data", &timeouts.data},
                                    {"content", &timeouts.content},
                                    {"final_dot", &timeouts.final_dot},
                                    {"rset", &timeouts.rset},
                                    {"quit", &timeouts.quit}}) {
        timeout.duration(key, *time);
        if (time->count() < 1) timeout.problem(key, "a timeout must be longer than nothing");
    }
    timeout.finish();
}

}  // namespace

void read_delivery(Loading& loading, Reader& delivery) {
    auto& settings = loading.config.delivery;
    delivery.boolean("system_users", settings.system_users);
    read_transport(loading, delivery, "transport", settings.transport);
    read_transport(loading, delivery, "remote_transport", settings.remote_transport);
    if (settings.system_users && settings.transport == deliver::Settings().transport)
        delivery.problem("system_users", "config.delivery.transport does not say where the mailboxes of users are",
                         "write \"maildir:~/Maildir\" or \"mbox:/var/mail/%u\"");
    if (auto retry = delivery.map("retry")) read_retry(*retry, settings.retry);
    read_count(delivery, "connections", settings.channels.of_destination, 1, 10'000);
    read_count(delivery, "connections_total", settings.channels.of_all, 1, 100'000);
    read_count(delivery, "messages_per_minute", settings.channels.messages_per_minute, 0, 1'000'000);
    read_count(delivery, "messages_per_connection", settings.messages_per_connection, 1, 1'000'000);
    delivery.duration("connection_idle", settings.idle);
    if (auto timeout = delivery.map("timeout")) read_timeouts(*timeout, settings.timeouts);
    std::int64_t port = settings.port;
    delivery.integer("port", port, 1, 65535);
    settings.port = static_cast<std::uint16_t>(port);
    delivery.boolean("loopback", settings.loopback);
    delivery.string("hello_name", settings.hello_name);
    read_delivery_tls(loading, delivery);
    delivery.finish();
}

}  // namespace sluice::config
