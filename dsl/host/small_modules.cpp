// time, net and utils (vsl-rules.md 9.11).
#include <ctime>

#include <fmt/chrono.h>
#include <libpsl.h>

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

// The registrable domain by the public suffix list; the name itself where there is none.
Outcome root_domain(NativeCall& call) {
    if (call.args[0].is_host() && call.args[0].as_host().type() != "fqdn")
        return call.fail("get_root_domain takes a name or an fqdn, not " + std::string(type_name(call.args[0])));
    const auto name = lib::text_of(call.args[0]);
    char* lower = nullptr;
    if (psl_str_to_utf8lower(name.c_str(), "utf-8", nullptr, &lower) != PSL_SUCCESS) return call.ok(call.args[0]);
    const char* found = psl_registrable_domain(psl_builtin(), lower);
    auto result = Value::string(found ? std::string_view(found) : std::string_view(name));
    psl_free_string(lower);
    return call.ok(std::move(result));
}

}  // namespace

void add_small_modules(NativeTable& table) {
    table.add("time::now", {}, time_now, host_only);
    table.add("time::date", {}, time_date, host_only);
    table.add("utils::get_root_domain", {accepts::string | accepts::host}, root_domain, host_only);
    table.add("net::rg_192", {}, private_network, host_only, 0);
    table.add("net::rg_172", {}, private_network, host_only, 1);
    table.add("net::rg_10", {}, private_network, host_only, 2);
    table.add("net::non_routable", {}, non_routable, host_only);
}

}  // namespace sluice::dsl
