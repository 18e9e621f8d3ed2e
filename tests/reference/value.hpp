// Values of the reference evaluator: plain data, copied deeply, nothing shared but functions. Nothing of dsl/value is
// used, so that an error there cannot hide by being on both sides of a comparison.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice::reference {

struct Value;
struct Fn;  // evaluator.hpp
using FnPtr = std::shared_ptr<const Fn>;
using Array = std::vector<Value>;
using Map = std::map<std::string, Value>;
struct Unit {};
struct Blob {
    std::vector<std::uint8_t> bytes;
};
struct Range {
    std::int64_t start = 0;
    std::int64_t end = 0;
    bool inclusive = false;
};
// What range(a, b, step), s.chars() and n.bits() give: something to walk.
struct Iterator {
    std::shared_ptr<const Array> items;
};

struct Value {
    using Data =
        std::variant<Unit, bool, std::int64_t, double, char32_t, std::string, Array, Map, Blob, Range, FnPtr, Iterator>;
    Data data;

    template <class T>
    [[nodiscard]] bool is() const {
        return std::holds_alternative<T>(data);
    }
    template <class T>
    [[nodiscard]] T& as() {
        return std::get<T>(data);
    }
    template <class T>
    [[nodiscard]] const T& as() const {
        return std::get<T>(data);
    }
    [[nodiscard]] bool is_true() const { return is<bool>() && as<bool>(); }
    [[nodiscard]] bool is_number() const { return is<std::int64_t>() || is<double>(); }
    [[nodiscard]] bool is_text() const { return is<std::string>() || is<char32_t>(); }
};

using Int = std::int64_t;
inline Value unit() { return {Unit{}}; }
inline Value boolean(bool b) { return {b}; }
inline Value integer(Int i) { return {i}; }
inline Value floating(double d) { return {d}; }
inline Value character(char32_t c) { return {c}; }
inline Value string(std::string s) { return {std::move(s)}; }
inline Value array(Array items) { return {std::move(items)}; }
inline Value map(Map entries) { return {std::move(entries)}; }

// A run-time error of the script. Limits cannot be caught by it.
struct ScriptError {
    std::string kind;  // "ErrorArithmetic"; ErrorRuntime: thrown
    Value thrown;
    std::string subject;  // function, variable, property, type
    bool bounds = false;
    Int index = 0;
    Int length = 0;
    bool in_function = false;
    [[nodiscard]] bool limit() const;
};

// The reference does not do this, or not with so much data: the comparison says nothing.
struct GaveUp : std::runtime_error {
    using std::runtime_error::runtime_error;
};

[[noreturn]] void fail(std::string kind, std::string subject = {});

[[nodiscard]] std::string type_name(const Value& value);
[[nodiscard]] std::string to_text(const Value& value);   // to_string
[[nodiscard]] std::string to_debug(const Value& value);  // inside arrays and maps
[[nodiscard]] std::string float_text(double d);

// How often the text of a value held the name of an anonymous function. That name is nobody's business, and what a
// script makes of its length cannot be foretold.
inline thread_local int anonymous_names = 0;

// Section 6; `equal` raises ErrorFunctionNotFound for a pair of functions.
[[nodiscard]] bool equal(const Value& a, const Value& b);
[[nodiscard]] bool contains(const Value& container, const Value& item);
// Labels of `switch`: equal value and equal type.
[[nodiscard]] bool same(const Value& a, const Value& b);
// The same in every detail, for comparing answers: NaN is NaN, 0.0 is not -0.0, functions by name.
[[nodiscard]] bool identical(const Value& a, const Value& b);

[[nodiscard]] std::u32string decode(std::string_view text);
[[nodiscard]] std::string encode(std::u32string_view text);
[[nodiscard]] std::string text_of(const Value& string_or_char);
[[nodiscard]] std::size_t nodes(const Value& value);  // how much there is to copy

}  // namespace sluice::reference
