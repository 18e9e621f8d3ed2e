// Section 18: finding a function by name and types; what every value has.
#include "tests/reference/library.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace sluice::reference {

namespace {

bool accepts(char type, const Value& v) {
    switch (type) {
        case 'a': return v.is<Array>();
        case 'm': return v.is<Map>();
        case 's': return v.is<std::string>();
        case 'c': return v.is<char32_t>();
        case 't': return v.is_text();
        case 'i': return v.is<Int>();
        case 'f': return v.is<double>();
        case 'n': return v.is_number();
        case 'b': return v.is<bool>();
        case 'r': return v.is<Range>();
        case 'F': return v.is<FnPtr>();
        case 'B': return v.is<Blob>();
        default: return true;
    }
}

// What is only printed is compared without the numbers of anonymous functions.
Value print(Call& c, std::string (*text)(const Value&)) {
    const int before = anonymous_names;
    c.evaluator.print(text(c.self));
    anonymous_names = before;
    return unit();
}

std::vector<Row> all_rows() {
    std::vector<Row> rows{
        {"type_of", "*", pure, false, [](Call& c) { return string(type_name(c.self)); }},
        {"to_string", "*", pure, false, [](Call& c) { return string(to_text(c.self)); }},
        {"to_debug", "*", pure, false, [](Call& c) { return string(to_debug(c.self)); }},
        {"print", "*", pure, false, [](Call& c) { return print(c, to_text); }},
        {"debug", "*", pure, false, [](Call& c) { return print(c, to_debug); }},
        {"take", "*", mutates, false, [](Call& c) { return std::exchange(c.self, unit()); }},
        {"name", "F", pure, true,
         [](Call& c) {
             if (c.self.as<FnPtr>()->closure) ++anonymous_names;
             return string(c.self.as<FnPtr>()->name);
         }},
        {"is_anonymous", "F", pure, true, [](Call& c) { return boolean(c.self.as<FnPtr>()->closure != nullptr); }},
    };
    add_strings(rows);
    add_numbers(rows);
    add_arrays(rows);
    add_array_callbacks(rows);
    add_maps(rows);
    return rows;
}

const std::unordered_map<std::string, std::vector<Row>>& table() {
    static const auto made = [] {
        std::unordered_map<std::string, std::vector<Row>> by_name;
        for (auto& row : all_rows()) by_name[row.name].push_back(row);
        return by_name;
    }();
    return made;
}

bool fits(const Row& row, const Value& first, const Array& rest) {
    if (row.types.size() != rest.size() + 1 || !accepts(row.types[0], first)) return false;
    for (std::size_t i = 0; i < rest.size(); ++i)
        if (!accepts(row.types[i + 1], rest[i])) return false;
    return true;
}

}  // namespace

std::optional<Found> call_library(Evaluator& evaluator, const std::string& name, Value* first, Array& rest,
                                  bool constant) {
    if (!first) {
        if (name == "PI") return Found{floating(3.14159265358979323846), false};
        if (name == "E") return Found{floating(2.71828182845904523536), false};
        if (name == "blob") return Found{{Blob{}}, false};
        if (name == "print" || name == "debug") return evaluator.print(""), Found{unit(), false};
        if (name == "timestamp") throw GaveUp("time");
        return std::nullopt;
    }
    if (name == "to_json" || name == "parse_json" || name == "elapsed" || name.starts_with("parse_le") ||
        name.starts_with("parse_be") || name.starts_with("write_"))
        throw GaveUp(name);
    if (first->is<Blob>() && name != "len" && name != "as_string" && name != "type_of" && name != "to_string" &&
        name != "is_empty" && name != "push" && name != "contains" && name != "to_debug")
        throw GaveUp("blobs");
    const auto found = table().find(name);
    if (found == table().end()) return std::nullopt;
    for (const auto& row : found->second) {
        if (!fits(row, *first, rest)) continue;
        if (constant && row.effect == mutates) fail("ErrorNonPureMethodCallOnConstant", name);
        Call call{evaluator, *first, rest};
        return Found{row.run(call), row.effect == mutates};
    }
    return std::nullopt;
}

bool library_mutates(const std::string& name, std::size_t count) {
    const auto found = table().find(name);
    return found != table().end() && std::any_of(found->second.begin(), found->second.end(), [&](const Row& row) {
               return row.effect == mutates && row.types.size() == count;
           });
}

bool library_property(const std::string& name, const Value& value) {
    const auto found = table().find(name);
    return found != table().end() && std::any_of(found->second.begin(), found->second.end(), [&](const Row& row) {
               return row.property && row.types.size() == 1 && accepts(row.types[0], value);
           });
}

std::size_t clamped(Int index, std::size_t size) {
    const auto n = static_cast<Int>(size);
    if (index < 0) index = index < -n ? 0 : index + n;
    return static_cast<std::size_t>(std::min(index, n));
}

Part part_of(const Call& call, std::size_t at, std::size_t size) {
    __int128 length = size;
    Int start = 0;
    if (call.args[at].is<Range>()) {
        const auto& r = call.args[at].as<Range>();
        // A range stands for a start and a length; both ends are positions.
        start = std::max<Int>(r.start, 0);
        length = static_cast<__int128>(std::max<Int>(r.end, r.inclusive ? -1 : 0)) + (r.inclusive ? 1 : 0) - start;
    } else {
        start = call.number(at);
        if (at + 1 < call.args.size() && call.args[at + 1].is<Int>()) length = call.number(at + 1);
    }
    const auto from = clamped(start, size);
    const auto most = static_cast<__int128>(size - from);
    return {from, static_cast<std::size_t>(length < 0 ? 0 : length > most ? most : length)};
}

}  // namespace sluice::reference
