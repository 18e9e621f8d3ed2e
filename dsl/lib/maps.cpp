// Object maps.
#include "dsl/lib/library.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::lib {

namespace {

Outcome len(NativeCall& call) {
    return call.ok(Value::integer(static_cast<std::int64_t>(call.args[0].as_map().size())));
}
Outcome is_empty(NativeCall& call) { return call.ok(Value::boolean(call.args[0].as_map().size() == 0)); }
Outcome get(NativeCall& call) {
    const Value map = call.args[0];
    const auto* found = map.as_map().find(call.args[1]);
    return found ? call.ok(*found) : call.ok();
}
Outcome set(NativeCall& call) { return call.ok_or(set_index(call.args[0], call.args[1], call.args[2], call.limits)); }
Outcome contains_key(NativeCall& call) {
    const Value map = call.args[0];
    return call.ok(Value::boolean(map.as_map().find(call.args[1]) != nullptr));
}
Outcome remove(NativeCall& call) {
    Value removed;
    if (call.args[0].as_map().find(call.args[1].as_string()))
        call.args[0].own_map().remove(call.args[1].as_string(), removed);
    return call.ok(std::move(removed));
}
Outcome clear(NativeCall& call) {
    call.args[0].own_map().clear();
    return call.ok();
}
Outcome mixin(NativeCall& call) { return call.ok_or(compound(Op::add, call.args[0], call.args[1], call.limits)); }
Outcome fill_with(NativeCall& call) {
    const Value other = call.args[1];
    auto& map = call.args[0].own_map();
    for (const auto& entry : other.as_map().entries()) {
        if (map.find(entry.key.as_string())) continue;
        map.insert_or_find(entry.key) = entry.value;
        if (map.size() > call.limits.map_items) return call.fail(too_large("Size of object map"));
    }
    return call.ok();
}
Outcome keys(NativeCall& call) {
    if (call.args[0].as_map().size() > call.limits.array_items) return call.fail(too_large("Size of array"));
    Values items;
    for (const auto* entry : call.args[0].as_map().sorted()) items.push_back(entry->key);
    return call.ok(make_array(std::move(items)));
}
Outcome values(NativeCall& call) {
    if (call.args[0].as_map().size() > call.limits.array_items) return call.fail(too_large("Size of array"));
    Values items;
    for (const auto* entry : call.args[0].as_map().sorted()) items.push_back(entry->value);
    return call.ok(make_array(std::move(items)));
}

}  // namespace

void add_maps(NativeTable& table) {
    using namespace accepts;
    table.add("len", {map}, len);
    table.add("is_empty", {map}, is_empty);
    table.add("get", {map, string}, get);
    table.add("set", {map, string, any}, set, mutates);
    table.add("contains", {map, string}, contains_key);
    table.add("remove", {map, string}, remove, mutates);
    table.add("clear", {map}, clear, mutates);
    table.add("mixin", {map, map}, mixin, mutates);
    table.add("fill_with", {map, map}, fill_with, mutates);
    table.add("keys", {map}, keys);
    table.add("values", {map}, values);
}

}  // namespace sluice::dsl::lib
