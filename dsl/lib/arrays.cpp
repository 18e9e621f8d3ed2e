// Arrays: what needs no callback.
#include <algorithm>

#include "dsl/lib/library.hpp"
#include "dsl/lib/sequence.hpp"

namespace sluice::dsl::lib {

namespace {

Values& own(NativeCall& call) { return call.args[0].own_array().items; }
const Values& seen(const NativeCall& call) { return call.args[0].as_array().items; }

Outcome len(NativeCall& call) { return call.ok(Value::integer(static_cast<std::int64_t>(seen(call).size()))); }
Outcome is_empty(NativeCall& call) { return call.ok(Value::boolean(seen(call).empty())); }
Outcome get(NativeCall& call) {
    std::size_t at = 0;
    return element_position(call.args[1].as_int(), seen(call).size(), at) ? call.ok(seen(call)[at]) : call.ok();
}
Outcome set(NativeCall& call) {
    std::size_t at = 0;
    if (element_position(call.args[1].as_int(), seen(call).size(), at)) own(call)[at] = call.args[2];
    return call.ok();
}
Outcome push(NativeCall& call) {
    if (auto error = check_items(seen(call).size() + 1, call.limits, "Size of array"))
        return call.fail(std::move(error));
    own(call).push_back(std::move(call.args[1]));
    return call.ok();
}
Outcome append(NativeCall& call) { return call.ok_or(compound(Op::add, call.args[0], call.args[1], call.limits)); }
Outcome insert(NativeCall& call) {
    if (auto error = check_items(seen(call).size() + 1, call.limits, "Size of array"))
        return call.fail(std::move(error));
    const auto at = insert_position(call.args[1].as_int(), seen(call).size());
    auto& items = own(call);
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(at), call.args[2]);
    return call.ok();
}
Outcome pop(NativeCall& call) {
    if (seen(call).empty()) return call.ok();
    auto& items = own(call);
    Value last = std::move(items.back());
    items.pop_back();
    return call.ok(std::move(last));
}
Outcome shift(NativeCall& call) {
    if (seen(call).empty()) return call.ok();
    auto& items = own(call);
    Value first = std::move(items.front());
    items.erase(items.begin());
    return call.ok(std::move(first));
}
Outcome remove(NativeCall& call) {
    std::size_t at = 0;
    if (!element_position(call.args[1].as_int(), seen(call).size(), at)) return call.ok();
    auto& items = own(call);
    Value taken = std::move(items[at]);
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
    return call.ok(std::move(taken));
}
Outcome clear(NativeCall& call) {
    own(call).clear();
    return call.ok();
}
Outcome truncate(NativeCall& call) {
    keep_first(own(call), call.args[1].as_int());
    return call.ok();
}
Outcome chop(NativeCall& call) {
    keep_last(own(call), call.args[1].as_int());
    return call.ok();
}
Outcome reverse(NativeCall& call) {
    std::reverse(own(call).begin(), own(call).end());
    return call.ok();
}
Outcome pad(NativeCall& call) {
    const auto wanted = call.args[1].as_int();
    if (wanted <= static_cast<std::int64_t>(seen(call).size())) return call.ok();
    if (auto error = check_items(static_cast<std::size_t>(wanted), call.limits, "Size of array"))
        return call.fail(std::move(error));
    const Value filler = call.args[2];
    own(call).resize(static_cast<std::size_t>(wanted), filler);
    return call.ok();
}
Outcome splice(NativeCall& call) {
    const bool ranged = call.args[1].is_range();
    const auto part = part_argument(call, 1, seen(call).size(), !ranged);
    const Value by = call.args[ranged ? 2 : 3];
    if (auto error = check_items(seen(call).size() + by.as_array().items.size(), call.limits, "Size of array"))
        return call.fail(std::move(error));
    replace_part(own(call), part, by.as_array().items);
    return call.ok();
}
Outcome extract(NativeCall& call) {
    return call.ok(make_array(copy_part(seen(call), part_argument(call, 1, seen(call).size(), call.count > 2))));
}
Outcome split(NativeCall& call) {
    const auto at = insert_position(call.args[1].as_int(), seen(call).size());
    return call.ok(make_array(cut_part(own(call), {at, seen(call).size() - at})));
}
Outcome drain(NativeCall& call) {
    return call.ok(make_array(cut_part(own(call), part_argument(call, 1, seen(call).size(), call.count > 2))));
}
Outcome retain(NativeCall& call) {
    auto kept = cut_part(own(call), part_argument(call, 1, seen(call).size(), call.count > 2));
    auto removed = std::move(own(call));
    own(call) = std::move(kept);
    return call.ok(make_array(std::move(removed)));
}
Outcome contains_value(NativeCall& call) {
    bool found = false;
    auto error = contains(call.args[0], call.args[1], found);
    return call.ok_or(std::move(error), Value::boolean(found));
}
Outcome index_of(NativeCall& call) {
    const auto& items = seen(call);
    const auto from = call.count > 2 ? insert_position(call.args[2].as_int(), items.size()) : 0;
    for (auto i = from; i < items.size(); ++i) {
        bool same = false;
        if (auto error = equal(items[i], call.args[1], same)) return call.fail(std::move(error));
        if (same) return call.ok(Value::integer(static_cast<std::int64_t>(i)));
    }
    return call.ok(Value::integer(-1));
}
Outcome dedup(NativeCall& call) {
    Values kept;
    for (auto& item : own(call)) {
        bool same = false;
        if (!kept.empty())
            if (auto error = equal(kept.back(), item, same)) return call.fail(std::move(error));
        if (!same) kept.push_back(item);
    }
    own(call) = std::move(kept);
    return call.ok();
}

// All elements of one ordered type; others stay as they are; a mixture is refused.
Outcome sort(NativeCall& call) {
    if (seen(call).size() < 2) return call.ok();
    const auto type = seen(call).front().type();
    for (const auto& item : seen(call))
        if (item.type() != type) return call.fail(function_not_found("sort", call.args, 1));
    auto& items = own(call);
    const auto by = [&](auto less) { std::stable_sort(items.begin(), items.end(), less); };
    switch (type) {
        case Type::integer: by([](const Value& a, const Value& b) { return a.as_int() < b.as_int(); }); break;
        case Type::floating:
            by([](const Value& a, const Value& b) { return std::strong_order(a.as_float(), b.as_float()) < 0; });
            break;
        case Type::string: by([](const Value& a, const Value& b) { return a.as_string() < b.as_string(); }); break;
        case Type::character: by([](const Value& a, const Value& b) { return a.as_char() < b.as_char(); }); break;
        case Type::boolean: by([](const Value& a, const Value& b) { return a.as_bool() < b.as_bool(); }); break;
        default: break;
    }
    return call.ok();
}

}  // namespace

void add_arrays(NativeTable& table) {
    using namespace accepts;
    table.add("len", {array}, len, property);
    table.add("is_empty", {array}, is_empty, property);
    table.add("get", {array, integer}, get);
    table.add("set", {array, integer, any}, set, mutates);
    table.add("push", {array, any}, push, mutates);
    table.add("append", {array, array}, append, mutates);
    table.add("insert", {array, integer, any}, insert, mutates);
    table.add("pop", {array}, pop, mutates);
    table.add("shift", {array}, shift, mutates);
    table.add("remove", {array, integer}, remove, mutates);
    table.add("clear", {array}, clear, mutates);
    table.add("truncate", {array, integer}, truncate, mutates);
    table.add("chop", {array, integer}, chop, mutates);
    table.add("reverse", {array}, reverse, mutates);
    table.add("pad", {array, integer, any}, pad, mutates);
    table.add("splice", {array, range, array}, splice, mutates);
    table.add("splice", {array, integer, integer, array}, splice, mutates);
    table.add("extract", {array, integer | range}, extract);
    table.add("extract", {array, integer, integer}, extract);
    table.add("split", {array, integer}, split, mutates);
    table.add("drain", {array, range}, drain, mutates);
    table.add("drain", {array, integer, integer}, drain, mutates);
    table.add("retain", {array, range}, retain, mutates);
    table.add("retain", {array, integer, integer}, retain, mutates);
    table.add("contains", {array, any}, contains_value);
    table.add("index_of", {array, any & ~fn}, index_of);
    table.add("index_of", {array, any & ~fn, integer}, index_of);
    table.add("dedup", {array}, dedup, mutates);
    table.add("sort", {array}, sort, mutates);
}

}  // namespace sluice::dsl::lib
