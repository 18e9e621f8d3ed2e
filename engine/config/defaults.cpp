#include "engine/config/defaults.hpp"

#include <unistd.h>

#include <climits>
#include <initializer_list>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/deliver/settings.hpp"

namespace sluice::config {

namespace {

using dsl::Value;

struct Entry {
    const char* key;
    Value value;
};

Value map(std::initializer_list<Entry> entries) {
    Value result = dsl::make_map();
    for (const auto& entry : entries) result.as_map().set(entry.key, entry.value);
    return result;
}
Value text(std::string_view s) { return Value::string(s); }
Value number(std::int64_t i) { return Value::integer(i); }
Value list(std::initializer_list<const char*> items) {
    dsl::Values values;
    for (const auto* item : items) values.push_back(text(item));
    return dsl::make_array(std::move(values));
}
const Value off;

std::string host_name() {
    char name[HOST_NAME_MAX + 1] = {};
    return gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

Value smtp_defaults() {
    return map({
        {"rcpt_count_max", number(static_cast<std::int64_t>(limits::recipients))},
        {"error", map({{"soft_count", number(limits::soft_errors)},
                       {"hard_count", number(limits::hard_errors)},
                       {"delay", text("5s")}})},
        {"timeout_client", map({{"connect", text("5m")},
                                {"helo", text("5m")},
                                {"mail_from", text("5m")},
                                {"rcpt_to", text("5m")},
                                {"data", text("5m")}})},
        {"codes", map({})},
        {"auth", off},
        {"bare_newline", text("reject")},
        {"early_talker", text("reject")},
        {"long_lines", text("accept")},
        {"close_on_deny", Value::boolean(false)},
        {"requiretls", Value::boolean(true)},
        {"on_rule_error", text("tempfail")},
    });
}

Value server_defaults() {
    return map({
        {"name", text(host_name())},
        {"client_count_max", number(limits::client_count)},
        {"message_size_limit", number(static_cast<std::int64_t>(limits::message_size))},
        {"system", map({{"group_local", off},
                        {"thread_pool", map({{"receiver", number(sysconf(_SC_NPROCESSORS_ONLN))},
                                             {"processing", number(1)},
                                             {"delivery", number(1)}})}})},
        {"interfaces", map({{"addr", list({"127.0.0.1:25"})},
                            {"addr_submission", list({"127.0.0.1:587"})},
                            {"addr_submissions", list({"127.0.0.1:465"})}})},
        {"listener", map({})},
        {"logs", map({{"filename", off}, {"level", list({"info"})}, {"system", off}})},
        {"queues", map({{"dirpath", text("/var/spool/sluice")}, {"working", map({})}, {"delivery", map({})}})},
        {"tls", off},
        {"smtp", smtp_defaults()},
        {"dns", map({{"type", text("system")}})},
        {"virtual", map({})},
        {"run_dir", text("/run/sluice")},
        {"refusals", map({{"enabled", Value::boolean(true)},
                          {"size_max", number(static_cast<std::int64_t>(limits::refusals_file))}})},
    });
}

Value delivery_defaults() {
    const deliver::Settings settings;
    const auto seconds = [](std::chrono::seconds time) { return text(std::to_string(time.count()) + "s"); };
    const auto count = [](std::size_t n) { return number(static_cast<std::int64_t>(n)); };
    return map({{"transport", text(settings.transport)},
                {"remote_transport", text(settings.remote_transport)},
                {"retry", map({{"first_wait", seconds(settings.retry.first_wait)},
                               {"longest_wait", seconds(settings.retry.longest_wait)},
                               {"expiry", seconds(settings.retry.expiry)},
                               {"delay_warning", seconds(settings.retry.delay_warning)}})},
                {"connections", count(settings.channels.of_destination)},
                {"connections_total", count(settings.channels.of_all)},
                {"messages_per_minute", count(settings.channels.messages_per_minute)},
                {"messages_per_connection", count(settings.messages_per_connection)},
                {"connection_idle", text(std::to_string(settings.idle.count()) + "ms")},
                {"port", number(settings.port)},
                {"loopback", Value::boolean(settings.loopback)},
                {"hello_name", text(settings.hello_name)},
                {"tls", map({})},
                {"domain", map({})},
                {"binding", map({})},
                {"binding_group", map({})},
                {"note_starttls_offer", Value::boolean(settings.note_starttls_offer)}});
}

}  // namespace

Value root_defaults() {
    return map({
        {"version_requirement", text(">=2.1.0, <3.0.0")},
        {"server", server_defaults()},
        {"app", map({{"dirpath", text("/var/spool/sluice/app")},
                     {"vsl", map({{"domain_dir", off}, {"filter_path", off}})},
                     {"logs", map({{"filename", off}})}})},
        {"delivery", delivery_defaults()},
        {"tls_policy", map({})},
    });
}

Value domain_defaults() {
    return map({{"is_default", Value::boolean(false)}, {"tls", off}, {"dns", off}, {"dkim", off}});
}

}  // namespace sluice::config
