// Functions of arrays and maps that call back into the script. Each is a coroutine; the machine runs every callback as
// a frame of its own (native.hpp, Task). They work on their own reference to the array, so a callback may change it.
#include "dsl/lib/library.hpp"
#include "dsl/lib/sequence.hpp"

namespace sluice::dsl::lib {

namespace {

// Names kept short on purpose: each line below reads like the definition in section 18.
#define SLUICE_CALL(...) std::move((co_await __VA_ARGS__).result)

Task map_task(Value array, Value fn) {
    Values out;
    for (std::size_t i = 0; i < array.as_array().items.size(); ++i)
        out.push_back(SLUICE_CALL(call_element(fn, array.as_array().items[i], static_cast<std::int64_t>(i))));
    co_return make_array(std::move(out));
}

Task filter_task(Value array, Value fn) {
    Values out;
    for (std::size_t i = 0; i < array.as_array().items.size(); ++i) {
        const Value keep = SLUICE_CALL(call_element(fn, array.as_array().items[i], static_cast<std::int64_t>(i)));
        if (keep.is_true()) out.push_back(array.as_array().items[i]);
    }
    co_return make_array(std::move(out));
}

enum class Search { some, all, find, find_map, index_of };

Task search_task(Value array, Value fn, std::size_t from, Search what) {
    for (auto i = from; i < array.as_array().items.size(); ++i) {
        Value answer = SLUICE_CALL(call_element(fn, array.as_array().items[i], static_cast<std::int64_t>(i)));
        switch (what) {
            case Search::some:
                if (answer.is_true()) co_return Value::boolean(true);
                break;
            case Search::all:
                if (!answer.is_true()) co_return Value::boolean(false);
                break;
            case Search::find:
                if (answer.is_true()) co_return array.as_array().items[i];
                break;
            case Search::find_map:
                if (!answer.is_unit()) co_return std::move(answer);
                break;
            case Search::index_of:
                if (answer.is_true()) co_return Value::integer(static_cast<std::int64_t>(i));
                break;
        }
    }
    switch (what) {
        case Search::some: co_return Value::boolean(false);
        case Search::all: co_return Value::boolean(true);
        case Search::index_of: co_return Value::integer(-1);
        default: co_return Value();
    }
}

Task for_each_task(Value array, Value fn) {
    Values out;
    const auto wanted = arity(fn.as_fn());
    for (std::size_t i = 0; i < array.as_array().items.size(); ++i) {
        auto awaiter = wanted == 0 ? call(fn) : call(fn, Value::integer(static_cast<std::int64_t>(i)));
        awaiter.callback.with_self = true;
        awaiter.callback.self = array.as_array().items[i];
        out.push_back(std::move((co_await std::move(awaiter)).self));
    }
    co_await Task::set_self(make_array(std::move(out)));
    co_return Value();
}

Task reduce_task(Value array, Value fn, Value accumulator, bool backwards) {
    const auto size = array.as_array().items.size();
    const bool indexed = arity(fn.as_fn()) == 3;
    for (std::size_t n = 0; n < size; ++n) {
        const auto i = backwards ? size - 1 - n : n;
        const Value item = array.as_array().items[i];
        auto next = indexed ? call(fn, accumulator, item, Value::integer(static_cast<std::int64_t>(i)))
                            : call(fn, accumulator, item);
        accumulator = SLUICE_CALL(std::move(next));
    }
    co_return std::move(accumulator);
}

Task divide_task(Value array, Value fn, bool drain) {
    Values chosen;
    Values rest;
    for (std::size_t i = 0; i < array.as_array().items.size(); ++i) {
        const Value item = array.as_array().items[i];
        const Value answer = SLUICE_CALL(call_element(fn, item, static_cast<std::int64_t>(i)));
        (answer.is_true() ? chosen : rest).push_back(item);
    }
    co_await Task::set_self(make_array(drain ? std::move(rest) : std::move(chosen)));
    co_return make_array(drain ? std::move(chosen) : std::move(rest));
}

Task dedup_task(Value array, Value fn) {
    Values kept;
    for (std::size_t i = 0; i < array.as_array().items.size(); ++i) {
        const Value item = array.as_array().items[i];
        bool same = false;
        if (!kept.empty()) {
            const Value last = kept.back();
            const Value answer = SLUICE_CALL(call(fn, last, item));
            same = answer.is_true();
        }
        if (!same) kept.push_back(item);
    }
    co_await Task::set_self(make_array(std::move(kept)));
    co_return Value();
}

// Bottom-up merge sort: stable, and its comparisons are plain awaits. A result that is no integer sorts nothing.
Task sort_task(Value array, Value fn) {
    Values items = array.as_array().items;
    array = Value();
    Values merged(items.size());
    Task::Calls compare(fn);
    for (std::size_t width = 1; width < items.size(); width *= 2) {
        for (std::size_t begin = 0; begin < items.size(); begin += 2 * width) {
            const auto middle = std::min(begin + width, items.size());
            const auto end = std::min(begin + 2 * width, items.size());
            auto left = begin;
            auto right = middle;
            for (auto to = begin; to < end; ++to) {
                bool take_right = left == middle;
                if (!take_right && right < end) {
                    const Value& order = co_await compare(items[left], items[right]);
                    take_right = order.is_int() && order.as_int() > 0;
                }
                merged[to] = std::move(items[take_right ? right++ : left++]);
            }
        }
        items.swap(merged);
    }
    co_await Task::set_self(make_array(std::move(items)));
    co_return Value();
}

Task zip_task(Value a, Value b, Value fn) {
    Values out;
    const bool indexed = arity(fn.as_fn()) == 3;
    for (std::size_t i = 0; i < std::min(a.as_array().items.size(), b.as_array().items.size()); ++i) {
        const Value x = a.as_array().items[i];
        const Value y = b.as_array().items[i];
        auto next = indexed ? call(fn, x, y, Value::integer(static_cast<std::int64_t>(i))) : call(fn, x, y);
        out.push_back(SLUICE_CALL(std::move(next)));
    }
    co_return make_array(std::move(out));
}

// Maps: fn(key, value) chooses entries.
Task choose_entries_task(Value map, Value fn, bool drain, bool pure_filter) {
    Value chosen = make_map();
    Value rest = make_map();
    const Value held = map;
    for (const auto* entry : held.as_map().sorted()) {
        const Value key = entry->key;
        const Value value = entry->value;
        const Value answer = SLUICE_CALL(call(fn, key, value));
        (answer.is_true() ? chosen : rest).as_map().insert_or_find(key) = value;
    }
    if (pure_filter) co_return std::move(chosen);
    co_await Task::set_self(drain ? rest : chosen);
    co_return drain ? std::move(chosen) : std::move(rest);
}
#undef SLUICE_CALL

Outcome map_fn(NativeCall& c) { return c.start(map_task(c.args[0], c.args[1])); }
Outcome filter(NativeCall& c) { return c.start(filter_task(c.args[0], c.args[1])); }
std::size_t from(const NativeCall& c) {
    return c.count > 2 ? insert_position(c.args[2].as_int(), c.args[0].as_array().items.size()) : 0;
}
Outcome search(NativeCall& c) {
    return c.start(search_task(c.args[0], c.args[1], from(c), static_cast<Search>(c.data)));
}
Outcome for_each(NativeCall& c) { return c.start(for_each_task(c.args[0], c.args[1])); }
Outcome reduce(NativeCall& c) {
    return c.start(reduce_task(c.args[0], c.args[1], c.count > 2 ? c.args[2] : Value(), c.data == 1));
}
Outcome drain(NativeCall& c) { return c.start(divide_task(c.args[0], c.args[1], true)); }
Outcome retain(NativeCall& c) { return c.start(divide_task(c.args[0], c.args[1], false)); }
Outcome dedup(NativeCall& c) { return c.start(dedup_task(c.args[0], c.args[1])); }
Outcome sort(NativeCall& c) { return c.start(sort_task(c.args[0], c.args[1])); }
Outcome zip(NativeCall& c) { return c.start(zip_task(c.args[0], c.args[1], c.args[2])); }
Outcome map_filter(NativeCall& c) { return c.start(choose_entries_task(c.args[0], c.args[1], false, true)); }
Outcome map_drain(NativeCall& c) { return c.start(choose_entries_task(c.args[0], c.args[1], true, false)); }
Outcome map_retain(NativeCall& c) { return c.start(choose_entries_task(c.args[0], c.args[1], false, false)); }

}  // namespace

void add_array_callbacks(NativeTable& table) {
    using namespace accepts;
    table.add("map", {array, fn}, map_fn);
    table.add("filter", {array, fn}, filter);
    const auto add_search = [&](std::string_view name, Search what, bool with_start) {
        table.add(name, {array, fn}, search, pure, static_cast<std::uint16_t>(what));
        if (with_start) table.add(name, {array, fn, integer}, search, pure, static_cast<std::uint16_t>(what));
    };
    add_search("some", Search::some, false);
    add_search("all", Search::all, false);
    add_search("find", Search::find, true);
    add_search("find_map", Search::find_map, true);
    add_search("index_of", Search::index_of, true);
    table.add("for_each", {array, fn}, for_each, mutates);
    table.add("reduce", {array, fn}, reduce, pure, 0);
    table.add("reduce", {array, fn, any}, reduce, pure, 0);
    table.add("reduce_rev", {array, fn}, reduce, pure, 1);
    table.add("reduce_rev", {array, fn, any}, reduce, pure, 1);
    table.add("drain", {array, fn}, drain, mutates);
    table.add("retain", {array, fn}, retain, mutates);
    table.add("dedup", {array, fn}, dedup, mutates);
    table.add("sort", {array, fn}, sort, mutates);
    table.add("zip", {array, array, fn}, zip);
    table.add("filter", {accepts::map, fn}, map_filter);
    table.add("drain", {accepts::map, fn}, map_drain, mutates);
    table.add("retain", {accepts::map, fn}, map_retain, mutates);
}

}  // namespace sluice::dsl::lib
