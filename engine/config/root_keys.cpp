// Keys of configuration.md 3.1 and 3.2.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "engine/config/defaults.hpp"
#include "engine/config/loading.hpp"
#include "engine/config/syntax.hpp"

namespace sluice::config {

namespace {

void read_system(Loading& loading, Reader& system) {
    system.string("user", loading.config.user);
    system.string("group", loading.config.group);
    system.string("group_local", loading.config.delivery.local_group);
    if (!loading.config.delivery.local_group.empty() && !loading.config.delivery.system_users)
        system.without_effect("group_local",
                              "mailboxes belong to the user of the server unless config.delivery.system_users is true");
    if (auto pool = system.map("thread_pool")) {
        std::int64_t threads = loading.config.threads;
        pool->integer("receiver", threads, 1, 256);
        loading.config.threads = static_cast<unsigned>(threads);
        std::int64_t ignored = 1;
        pool->integer("processing", ignored, 1, 256);  // rules run on the receiver threads
        pool->integer("delivery", ignored, 1, 256);
        pool->finish();
    }
    system.finish();
}

void read_interfaces(Loading& loading, Reader& interfaces) {
    static constexpr std::pair<std::string_view, smtp::ListenerKind> kinds[] = {
        {"addr", smtp::ListenerKind::relay},
        {"addr_submission", smtp::ListenerKind::submission},
        {"addr_submissions", smtp::ListenerKind::submissions}};
    for (const auto& [key, kind] : kinds) {
        std::vector<std::string> addresses;
        interfaces.strings(key, addresses);
        for (const auto& address : addresses) {
            std::string why;
            const auto endpoint = parse_endpoint(address, why);
            if (!endpoint) {
                interfaces.problem(key, why, "write \"192.0.2.1:25\", \"[2001:db8::1]:25\" or \"mx.example.com:25\"");
                continue;
            }
            for (const auto& other : loading.config.listeners)
                if (other.endpoint == *endpoint && endpoint->port() != 0)
                    interfaces.problem(key, fmt::format("'{}' is listed twice", address),
                                       "each address can serve one kind of listener");
            loading.config.listeners.push_back({*endpoint, kind, address});
        }
    }
    interfaces.finish();
    if (loading.config.listeners.empty()) interfaces.problem("addr", "there is no address to listen on");
}

void read_logs(Loading& loading, Reader& logs) {
    logs.string("filename", loading.config.log_file);
    loading.config.log_file = loading.below_root(loading.config.log_file);
    std::vector<std::string> levels{loading.config.log_level};
    logs.strings("level", levels);
    for (const auto& level : levels) {
        static constexpr std::string_view known[] = {"off", "error", "warn", "info", "debug", "trace"};
        const bool plain = std::find(std::begin(known), std::end(known), level) != std::end(known);
        if (plain)
            loading.config.log_level = level;
        else if (level.find('=') != std::string::npos)
            logs.warning(
                "level",
                fmt::format("'{}' has no effect: levels of single targets are not available in this version", level));
        else
            logs.problem("level", fmt::format("'{}' is not a level", level),
                         "levels are off, error, warn, info, debug and trace");
    }
    logs.not_available("system", "logging to syslog or journald");
    logs.finish();
}

void read_queues(Loading& loading, Reader& queues) {
    queues.string("dirpath", loading.config.queue_dir);
    loading.config.queue_dir = loading.below_root(loading.config.queue_dir);
    auto& queue_limits = loading.config.queue_limits;
    for (const auto& [key, count] :
         {std::pair("messages_max", &queue_limits.messages_max), {"active_max", &queue_limits.active_max}}) {
        auto number = static_cast<std::int64_t>(*count);
        queues.integer(key, number, 1, 1'000'000'000);
        *count = static_cast<std::uint64_t>(number);
    }
    queues.duration("flow_delay", queue_limits.flow_delay);
    if (queue_limits.flow_delay > limits::queue_flow_delay_most)
        queues.problem("flow_delay", fmt::format("clients that wait longer than {} for a reply may give up",
                                                 limits::queue_flow_delay_most));
    if (auto working = queues.map("working")) {
        working->without_effect("channel_size", "there is no hand-over queue");
        working->finish();
    }
    if (auto delivery = queues.map("delivery")) {
        for (const auto* key : {"channel_size", "deferred_retry_max", "deferred_retry_period"})
            delivery->without_effect(key, "retries are per recipient: see config.delivery.retry");
        delivery->finish();
    }
    queues.finish();
}

void read_refusals(Loading& loading, Reader& refusals) {
    refusals.boolean("enabled", loading.config.refusals.enabled);
    auto size = static_cast<std::int64_t>(loading.config.refusals.size_max);
    refusals.integer("size_max", size, limits::refusals_file_least, limits::refusals_file_most);
    loading.config.refusals.size_max = static_cast<std::uint64_t>(size);
    refusals.finish();
}

void read_server(Loading& loading, Reader& server) {
    auto& config = loading.config;
    server.string("name", config.smtp.server_name);
    if (const auto name = canonical_domain(config.smtp.server_name))
        config.smtp.server_name = *name;
    else
        server.problem("name", fmt::format("'{}' is not a domain name", config.smtp.server_name));
    std::int64_t clients = config.smtp.client_count_max;
    server.integer("client_count_max", clients, -1, 1'000'000);
    config.smtp.client_count_max = static_cast<int>(clients);
    auto size = static_cast<std::int64_t>(config.smtp.message_size_limit);
    server.integer("message_size_limit", size, 1024, std::int64_t{1} << 40);
    config.smtp.message_size_limit = static_cast<std::uint64_t>(size);
    if (auto system = server.map("system")) read_system(loading, *system);
    if (auto interfaces = server.map("interfaces")) read_interfaces(loading, *interfaces);
    if (auto logs = server.map("logs")) read_logs(loading, *logs);
    if (auto queues = server.map("queues")) read_queues(loading, *queues);
    if (auto refusals = server.map("refusals")) read_refusals(loading, *refusals);
    if (auto tls = server.map("tls")) read_root_tls(loading, *tls);
    if (auto listeners = server.map("listener")) read_listener_tls(loading, *listeners);
    if (auto smtp = server.map("smtp")) read_smtp(loading, *smtp);
    if (auto dns = server.map("dns")) read_dns(server, *dns, config.dns);
    server.string("run_dir", config.run_dir);
    config.run_dir = loading.below_root(config.run_dir);
    server.not_available("peer", "settings per peer address");
    if (auto inline_domains = server.map("virtual")) {
        for (const auto& name : inline_domains->keys()) {
            auto keys = inline_domains->map(name);
            if (!keys) continue;
            const auto canonical = canonical_domain(name);
            if (!canonical) {
                inline_domains->problem(name, fmt::format("'{}' is not a domain name", name));
                continue;
            }
            const auto [source, span] = inline_domains->place(name);
            Domain domain{*canonical, "", false, false};
            read_domain(loading, *keys, domain,
                        {source ? source->name() : "", source ? source->position(span.begin).line : 0, 1});
            config.domains.push_back(domain);
        }
    }
    server.finish();
}

}  // namespace

void read_root(Loading& loading, Reader& root) {
    auto& config = loading.config;
    std::string requirement;
    root.string("version_requirement", requirement);
    if (!requirement.empty()) {
        const auto answer = version_matches(requirement, compatible_version);
        if (!answer)
            root.problem("version_requirement", fmt::format("'{}' is not a version requirement", requirement),
                         "write \">=2.1.0, <3.0.0\"");
        else if (!*answer)
            root.problem("version_requirement",
                         fmt::format("Version requirement not fulfilled: expected '{}' but got '{}'", requirement,
                                     compatible_version),
                         "Sluice is compatible with version 2.2 of the configuration language",
                         dsl::Code::config_version);
    }
    root.without_effect("path", "the program knows where the configuration is");
    if (auto delivery = root.map("delivery")) read_delivery(loading, *delivery);
    if (auto policies = root.map("tls_policy")) read_tls_policies(loading, *policies);
    if (auto server = root.map("server")) read_server(loading, *server);
    if (auto app = root.map("app")) {
        app->string("dirpath", config.app_dir);
        config.app_dir = loading.below_root(config.app_dir);
        if (auto vsl = app->map("vsl")) {
            vsl->string("filter_path", config.filter_path);
            config.filter_path = loading.resolve(*vsl, "filter_path", config.filter_path);
            vsl->string("domain_dir", config.domain_dir);
            config.domain_dir = loading.resolve(*vsl, "domain_dir", config.domain_dir);
            vsl->finish();
        }
        if (auto logs = app->map("logs")) {
            logs->string("filename", config.app_log_file);
            config.app_log_file = loading.below_root(config.app_log_file);
            logs->finish();
        }
        app->finish();
    }
    root.finish();
}

}  // namespace sluice::config
