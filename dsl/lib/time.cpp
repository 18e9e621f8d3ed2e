// Timestamps: points of the monotonic clock.
#include <chrono>

#include "dsl/lib/library.hpp"

namespace sluice::dsl::lib {

namespace {

std::int64_t now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }
Outcome timestamp_now(NativeCall& call) { return call.ok(Value::timestamp(now())); }
Outcome elapsed(NativeCall& call) {
    return call.ok(Value::floating(static_cast<double>(now() - call.args[0].as_timestamp()) / 1e9));
}

}  // namespace

void add_time(NativeTable& table) {
    table.add("timestamp", {}, timestamp_now);
    table.add("elapsed", {accepts::timestamp}, elapsed, property);
}

}  // namespace sluice::dsl::lib
