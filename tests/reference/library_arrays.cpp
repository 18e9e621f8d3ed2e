// Section 18: arrays without callbacks, maps.
#include <algorithm>

#include "tests/reference/library.hpp"

namespace sluice::reference {

namespace {

Array& items(Call& c) { return c.self.as<Array>(); }

Array cut(Array& from, Part part) {
    const auto first = from.begin() + static_cast<std::ptrdiff_t>(part.start);
    Array taken(first, first + static_cast<std::ptrdiff_t>(part.length));
    from.erase(first, first + static_cast<std::ptrdiff_t>(part.length));
    return taken;
}

Value drain(Call& c) { return array(cut(items(c), part_of(c, 0, items(c).size()))); }

Value retain(Call& c) {
    auto kept = cut(items(c), part_of(c, 0, items(c).size()));
    auto removed = std::move(items(c));
    c.self = array(std::move(kept));
    return array(std::move(removed));
}

Value extract(Call& c) {
    Array copy = items(c);
    return array(cut(copy, part_of(c, 0, copy.size())));
}

Value splice(Call& c) {
    const Array by = c.args.back().as<Array>();
    const auto part = part_of(c, 0, items(c).size());
    cut(items(c), part);
    items(c).insert(items(c).begin() + static_cast<std::ptrdiff_t>(part.start), by.begin(), by.end());
    c.evaluator.check_array(items(c).size());
    return unit();
}

Value sort(Call& c) {
    auto& all = items(c);
    for (const auto& item : all)
        if (item.data.index() != all.front().data.index()) {
            fail("ErrorFunctionNotFound", "sort");
        }
    if (all.empty()) return unit();
    const auto& first = all.front();
    if (!first.is_number() && !first.is_text() && !first.is<bool>()) return unit();
    for (const auto& item : all)
        if (item.is<double>() && item.as<double>() != item.as<double>()) throw GaveUp("sorting NaN");
    auto& evaluator = c.evaluator;
    std::stable_sort(all.begin(), all.end(), [&](const Value& a, const Value& b) {
        return evaluator.binary(ast::BinaryOp::lt, a, b).is_true();
    });
    return unit();
}

Value dedup(Call& c) {
    Array kept;
    for (const auto& item : items(c))
        if (kept.empty() || !equal(kept.back(), item)) kept.push_back(item);
    c.self = array(std::move(kept));
    return unit();
}

Value index_of(Call& c) {
    for (auto i = c.args.size() > 1 ? clamped(c.number(1), items(c).size()) : 0; i < items(c).size(); ++i)
        if (equal(items(c)[i], c.args[0])) return integer(static_cast<Int>(i));
    return integer(-1);
}

Value insert(Call& c) {
    const auto at = clamped(c.number(0), items(c).size());
    items(c).insert(items(c).begin() + static_cast<std::ptrdiff_t>(at), c.args[1]);
    c.evaluator.check_array(items(c).size());
    return unit();
}

Value pad(Call& c) {
    if (c.number(0) <= static_cast<Int>(items(c).size())) return unit();
    c.evaluator.check_array(static_cast<std::size_t>(c.number(0)));
    items(c).resize(static_cast<std::size_t>(c.number(0)), c.args[1]);
    return unit();
}

Value remove(Call& c) {
    const auto at = position(c.number(0), items(c).size());
    return at ? cut(items(c), {*at, 1}).front() : unit();
}

}  // namespace

void add_arrays(std::vector<Row>& rows) {
    const auto add = [&](const char* name, const char* types, Effect effect, Value (*run)(Call&),
                         bool property = false) {
        rows.push_back({name, types, effect, property, run});
    };
    add(
        "len", "a", pure, [](Call& c) { return integer(static_cast<Int>(items(c).size())); }, true);
    add(
        "is_empty", "a", pure, [](Call& c) { return boolean(items(c).empty()); }, true);
    add("get", "ai", pure, [](Call& c) {
        const auto at = position(c.number(0), items(c).size());
        return at ? items(c)[*at] : unit();
    });
    add("set", "ai*", mutates, [](Call& c) {
        if (const auto at = position(c.number(0), items(c).size())) items(c)[*at] = c.args[1];
        return unit();
    });
    add("push", "a*", mutates, [](Call& c) {
        items(c).push_back(c.args[0]);
        c.evaluator.check_array(items(c).size());
        return unit();
    });
    add("append", "aa", mutates,
        [](Call& c) { return c.evaluator.compound(ast::AssignOp::add, c.self, c.args[0]), unit(); });
    add("insert", "ai*", mutates, insert);
    add("pop", "a", mutates, [](Call& c) {
        return items(c).empty() ? unit() : cut(items(c), {items(c).size() - 1, 1}).front();
    });
    add("shift", "a", mutates, [](Call& c) { return items(c).empty() ? unit() : cut(items(c), {0, 1}).front(); });
    add("remove", "ai", mutates, remove);
    add("clear", "a", mutates, [](Call& c) { return items(c).clear(), unit(); });
    add("truncate", "ai", mutates, [](Call& c) {
        const Int n = std::max<Int>(0, c.number(0));
        if (n < static_cast<Int>(items(c).size())) items(c).resize(static_cast<std::size_t>(n));
        return unit();
    });
    add("chop", "ai", mutates, [](Call& c) {
        const Int n = std::max<Int>(0, c.number(0));
        if (n < static_cast<Int>(items(c).size())) items(c).erase(items(c).begin(), items(c).end() - n);
        return unit();
    });
    add("reverse", "a", mutates, [](Call& c) { return std::reverse(items(c).begin(), items(c).end()), unit(); });
    add("pad", "ai*", mutates, pad);
    add("splice", "aiia", mutates, splice);
    add("splice", "ara", mutates, splice);
    for (const char* types : {"ai", "aii", "ar"}) add("extract", types, pure, extract);
    add("split", "ai", mutates, [](Call& c) {
        const auto at = clamped(c.number(0), items(c).size());
        return array(cut(items(c), {at, items(c).size() - at}));
    });
    for (const char* types : {"aii", "ar"}) {
        add("drain", types, mutates, drain);
        add("retain", types, mutates, retain);
    }
    add("contains", "a*", pure, [](Call& c) { return boolean(contains(c.self, c.args[0])); });
    add("dedup", "a", mutates, dedup);
    add("sort", "a", mutates, sort);
}

void add_maps(std::vector<Row>& rows) {
    const auto add = [&](const char* name, const char* types, Effect effect, Value (*run)(Call&)) {
        rows.push_back({name, types, effect, false, run});
    };
    // By value; with a function `index_of` asks it instead, so this row stands after the callbacks'.
    add("index_of", "a*", pure, index_of);
    add("index_of", "a*i", pure, index_of);
    add("len", "m", pure, [](Call& c) { return integer(static_cast<Int>(c.self.as<Map>().size())); });
    add("is_empty", "m", pure, [](Call& c) { return boolean(c.self.as<Map>().empty()); });
    add("get", "ms", pure, [](Call& c) { return get_index(c.self, c.args[0]); });
    add("set", "ms*", mutates, [](Call& c) {
        set_index(c.self, c.args[0], c.args[1]);
        c.evaluator.check_map(c.self.as<Map>().size());
        return unit();
    });
    add("contains", "ms", pure, [](Call& c) { return boolean(contains(c.self, c.args[0])); });
    add("remove", "ms", mutates, [](Call& c) {
        const Value old = get_index(c.self, c.args[0]);
        c.self.as<Map>().erase(c.args[0].as<std::string>());
        return old;
    });
    add("clear", "m", mutates, [](Call& c) { return c.self.as<Map>().clear(), unit(); });
    add("mixin", "mm", mutates,
        [](Call& c) { return c.evaluator.compound(ast::AssignOp::add, c.self, c.args[0]), unit(); });
    add("fill_with", "mm", mutates, [](Call& c) {
        for (const auto& [key, value] : c.args[0].as<Map>()) c.self.as<Map>().try_emplace(key, value);
        c.evaluator.check_map(c.self.as<Map>().size());
        return unit();
    });
    add("keys", "m", pure, [](Call& c) {
        Array keys;
        for (const auto& [key, value] : c.self.as<Map>()) keys.push_back(string(key));
        return array(std::move(keys));
    });
    add("values", "m", pure, [](Call& c) {
        Array values;
        for (const auto& [key, value] : c.self.as<Map>()) values.push_back(value);
        return array(std::move(values));
    });
}

}  // namespace sluice::reference
