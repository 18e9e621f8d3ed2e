// time and net (vsl-rules.md 9.11).
#include <ctime>

#include <fmt/chrono.h>

#include "dsl/host/host.hpp"
#include "dsl/lib/mail_objects.hpp"

namespace sluice::dsl {

namespace {

std::string utc(const char* format) {
    const auto now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, format, &parts)};
}

Outcome time_now(NativeCall& call) { return call.ok(Value::string(utc("%H:%M:%S"))); }
Outcome time_date(NativeCall& call) { return call.ok(Value::string(utc("%Y-%m-%d"))); }

constexpr std::string_view networks[] = {"192.168.0.0/16", "172.16.0.0/12", "10.0.0.0/8"};

Outcome private_network(NativeCall& call) { return call.ok(lib::make_ip4_network(networks[call.data])); }

Outcome non_routable(NativeCall& call) {
    Values items;
    for (const auto network : networks) items.push_back(lib::make_ip4_network(network));
    return call.ok(make_array(std::move(items)));
}

}  // namespace

void add_small_modules(NativeTable& table) {
    table.add("time::now", {}, time_now, host_only);
    table.add("time::date", {}, time_date, host_only);
    table.add("net::rg_192", {}, private_network, host_only, 0);
    table.add("net::rg_172", {}, private_network, host_only, 1);
    table.add("net::rg_10", {}, private_network, host_only, 2);
    table.add("net::non_routable", {}, non_routable, host_only);
}

}  // namespace sluice::dsl
