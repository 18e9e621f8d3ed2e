// Section 18: array and map functions that call the script back. Each works on a copy and stores its result at the end,
// so what a callback does to the variable meanwhile is overwritten if the function changes its receiver, and kept if it
// does not.
#include "tests/reference/library.hpp"

namespace sluice::reference {

namespace {

Value index(std::size_t i) { return integer(static_cast<Int>(i)); }

// No parameter: the element as `this`; one: the element; two: element and index.
Value ask(Call& c, const Value& fn, const Value& element, std::size_t i) {
    const int wanted = c.evaluator.arity(fn);
    if (wanted == 0) {
        Value self = element;
        return c.evaluator.call(fn, {}, &self);
    }
    if (wanted == 2) return c.evaluator.call(fn, {element, index(i)});
    return c.evaluator.call(fn, {element});
}

Value map_(Call& c) {
    Evaluator::Task task(c.evaluator);
    const Array all = c.self.as<Array>();
    const Value fn = c.args[0];
    Array out;
    for (std::size_t i = 0; i < all.size(); ++i) out.push_back(ask(c, fn, all[i], i));
    return array(std::move(out));
}

// Divides by the answers: those that said true, and the others.
std::pair<Array, Array> divide(Call& c) {
    Evaluator::Task task(c.evaluator);
    const Array all = c.self.as<Array>();
    const Value fn = c.args[0];
    std::pair<Array, Array> parts;
    for (std::size_t i = 0; i < all.size(); ++i)
        (ask(c, fn, all[i], i).is_true() ? parts.first : parts.second).push_back(all[i]);
    return parts;
}

Value filter(Call& c) { return array(divide(c).first); }
Value drain(Call& c) {
    auto [chosen, rest] = divide(c);
    c.self = array(std::move(rest));
    return array(std::move(chosen));
}
Value retain(Call& c) {
    auto [chosen, rest] = divide(c);
    c.self = array(std::move(chosen));
    return array(std::move(rest));
}

enum class Search { some, all, find, find_map, index_of };

template <Search what>
Value search(Call& c) {
    Evaluator::Task task(c.evaluator);
    const Array all = c.self.as<Array>();
    const Value fn = c.args[0];
    for (auto i = c.args.size() > 1 ? clamped(c.number(1), all.size()) : 0; i < all.size(); ++i) {
        Value answer = ask(c, fn, all[i], i);
        if (what == Search::some && answer.is_true()) return boolean(true);
        if (what == Search::all && !answer.is_true()) return boolean(false);
        if (what == Search::find && answer.is_true()) return all[i];
        if (what == Search::find_map && !answer.is<Unit>()) return answer;
        if (what == Search::index_of && answer.is_true()) return index(i);
    }
    if (what == Search::some || what == Search::all) return boolean(what == Search::all);
    return what == Search::index_of ? integer(-1) : unit();
}

Value for_each(Call& c) {
    Evaluator::Task task(c.evaluator);
    Array all = c.self.as<Array>();
    const Value fn = c.args[0];
    const bool plain = c.evaluator.arity(fn) == 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        Value self = all[i];
        (void)c.evaluator.call(fn, plain ? Array{} : Array{index(i)}, &self);
        all[i] = std::move(self);
    }
    c.self = array(std::move(all));
    return unit();
}

template <bool backwards>
Value reduce(Call& c) {
    Evaluator::Task task(c.evaluator);
    const Array all = c.self.as<Array>();
    const Value fn = c.args[0];
    Value sum = c.args.size() > 1 ? c.args[1] : unit();
    const bool indexed = c.evaluator.arity(fn) == 3;
    for (std::size_t n = 0; n < all.size(); ++n) {
        const auto i = backwards ? all.size() - 1 - n : n;
        sum = c.evaluator.call(fn, indexed ? Array{sum, all[i], index(i)} : Array{sum, all[i]});
    }
    return sum;
}

Value dedup(Call& c) {
    Evaluator::Task task(c.evaluator);
    const Array all = c.self.as<Array>();
    const Value fn = c.args[0];
    Array kept;
    for (const auto& item : all)
        if (kept.empty() || !c.evaluator.call(fn, {kept.back(), item}).is_true()) kept.push_back(item);
    c.self = array(std::move(kept));
    return unit();
}

// Which pairs are compared is not specified; the merge here compares those that the machine compares, so that a
// comparator with effects, or one that contradicts itself, gives the same answer.
Value sort(Call& c) {
    Evaluator::Task task(c.evaluator);
    const Value fn = c.args[0];
    Array items = c.self.as<Array>();
    for (std::size_t width = 1; width < items.size(); width *= 2) {
        Array merged;
        for (std::size_t begin = 0; begin < items.size(); begin += 2 * width) {
            const auto middle = std::min(begin + width, items.size());
            const auto end = std::min(begin + 2 * width, items.size());
            auto left = begin;
            auto right = middle;
            while (left < middle || right < end) {
                bool second = left == middle;
                if (!second && right < end) {
                    const Value order = c.evaluator.call(fn, {items[left], items[right]});
                    second = order.is<Int>() && order.as<Int>() > 0;
                }
                merged.push_back(items[second ? right++ : left++]);
            }
        }
        items = std::move(merged);
    }
    c.self = array(std::move(items));
    return unit();
}

Value zip(Call& c) {
    Evaluator::Task task(c.evaluator);
    const Array a = c.self.as<Array>();
    const Array b = c.args[0].as<Array>();
    const Value fn = c.args[1];
    const bool indexed = c.evaluator.arity(fn) == 3;
    Array out;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        out.push_back(c.evaluator.call(fn, indexed ? Array{a[i], b[i], index(i)} : Array{a[i], b[i]}));
    return array(std::move(out));
}

enum class Entries { filter, drain, retain };

template <Entries what>
Value entries(Call& c) {
    Evaluator::Task task(c.evaluator);
    const Map all = c.self.as<Map>();
    const Value fn = c.args[0];
    Map chosen;
    Map rest;
    for (const auto& [key, value] : all)
        (c.evaluator.call(fn, {string(key), value}).is_true() ? chosen : rest)[key] = value;
    if (what == Entries::filter) return map(std::move(chosen));
    c.self = map(what == Entries::drain ? rest : chosen);
    return map(what == Entries::drain ? std::move(chosen) : std::move(rest));
}

}  // namespace

void add_array_callbacks(std::vector<Row>& rows) {
    const auto add = [&](const char* name, const char* types, Effect effect, Value (*run)(Call&)) {
        rows.push_back({name, types, effect, false, run});
    };
    add("map", "aF", pure, map_);
    add("filter", "aF", pure, filter);
    add("some", "aF", pure, search<Search::some>);
    add("all", "aF", pure, search<Search::all>);
    for (const char* types : {"aF", "aFi"}) {
        add("find", types, pure, search<Search::find>);
        add("find_map", types, pure, search<Search::find_map>);
        add("index_of", types, pure, search<Search::index_of>);
    }
    add("for_each", "aF", mutates, for_each);
    for (const char* types : {"aF", "aF*"}) {
        add("reduce", types, pure, reduce<false>);
        add("reduce_rev", types, pure, reduce<true>);
    }
    add("drain", "aF", mutates, drain);
    add("retain", "aF", mutates, retain);
    add("dedup", "aF", mutates, dedup);
    add("sort", "aF", mutates, sort);
    add("zip", "aaF", pure, zip);
    add("filter", "mF", pure, entries<Entries::filter>);
    add("drain", "mF", mutates, entries<Entries::drain>);
    add("retain", "mF", mutates, entries<Entries::retain>);
}

}  // namespace sluice::reference
