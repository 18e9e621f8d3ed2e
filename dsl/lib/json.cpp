// JSON text of maps, and back. Boost.JSON reads; writing follows the form of section 21 (", " inside arrays).
#include <cmath>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "dsl/lib/library.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::lib {

namespace {

namespace json = boost::json;

ErrorPtr no_form(const Value& value) {
    return make_thrown(Value::string(fmt::format("a value of type {} has no JSON form", type_name(value))));
}

ErrorPtr write(const Value& value, std::string& out, const Limits& limits, int depth) {
    if (depth > max_nesting) return too_large("Nesting of values");
    if (out.size() > limits.string_bytes) return too_large("Length of string");
    switch (value.type()) {
        case Type::unit: out += "null"; return nullptr;
        case Type::boolean: out += value.as_bool() ? "true" : "false"; return nullptr;
        case Type::integer: out += std::to_string(value.as_int()); return nullptr;
        case Type::floating:
            if (!std::isfinite(value.as_float())) return no_form(value);
            out += float_text(value.as_float());
            return nullptr;
        case Type::character: {
            std::string text;
            append_char(text, value.as_char());
            out += json::serialize(json::string(text));
            return nullptr;
        }
        case Type::string: out += json::serialize(json::string(value.as_string())); return nullptr;
        case Type::array: {
            out += '[';
            bool first = true;
            for (const auto& item : value.as_array().items) {
                if (!first) out += ", ";
                first = false;
                if (auto error = write(item, out, limits, depth + 1)) return error;
            }
            out += ']';
            return nullptr;
        }
        case Type::map: {
            out += '{';
            bool first = true;
            for (const auto* entry : value.as_map().sorted()) {
                if (!first) out += ',';
                first = false;
                out += json::serialize(json::string(entry->key.as_string()));
                out += ':';
                if (auto error = write(entry->value, out, limits, depth + 1)) return error;
            }
            out += '}';
            return nullptr;
        }
        default: return no_form(value);
    }
}

// The parser limits nesting to 64, so this recursion is bounded. `too_long` is set when an array or map passes its
// limit.
Value read(const json::value& from, const Limits& limits, bool& too_long) {
    switch (from.kind()) {
        case json::kind::null: return {};
        case json::kind::bool_: return Value::boolean(from.get_bool());
        case json::kind::int64: return Value::integer(from.get_int64());
        case json::kind::uint64: return Value::floating(static_cast<double>(from.get_uint64()));
        case json::kind::double_: return Value::floating(from.get_double());
        case json::kind::string: return Value::string(from.get_string());
        case json::kind::array: {
            Values items;
            too_long = too_long || from.get_array().size() > limits.array_items;
            if (too_long) return {};
            for (const auto& item : from.get_array()) items.push_back(read(item, limits, too_long));
            return make_array(std::move(items));
        }
        case json::kind::object: {
            Value map = make_map();
            too_long = too_long || from.get_object().size() > limits.map_items;
            if (too_long) return {};
            for (const auto& [key, value] : from.get_object()) map.as_map().set(key, read(value, limits, too_long));
            return map;
        }
    }
    return {};
}

Outcome to_json(NativeCall& call) {
    std::string text;
    if (auto error = write(call.args[0], text, call.limits, 0)) return call.fail(std::move(error));
    if (text.size() > call.limits.string_bytes) return call.fail(too_large("Length of string"));
    return call.ok(Value::string(text));
}

Outcome parse_json(NativeCall& call) {
    json::error_code error;
    json::parse_options options;
    options.max_depth = 64;
    const auto parsed = json::parse(call.args[0].as_string(), error, {}, options);
    if (error) return call.fail(fmt::format("the text is not JSON: {}", error.message()));
    bool too_long = false;
    auto value = read(parsed, call.limits, too_long);
    return too_long ? call.fail(too_large("Size of an array or object")) : call.ok(std::move(value));
}

}  // namespace

void add_json(NativeTable& table) {
    table.add("to_json", {accepts::map}, to_json);
    table.add("parse_json", {accepts::string}, parse_json);
}

}  // namespace sluice::dsl::lib
