// Numbers and conversions.
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <numbers>

#include <fmt/format.h>

#include "dsl/lib/library.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::lib {

namespace {

double number(const Value& v) { return v.is_int() ? static_cast<double>(v.as_int()) : v.as_float(); }
Value real(double d) { return Value::floating(d); }

Outcome abs_value(NativeCall& call) {
    const auto& v = call.args[0];
    if (v.is_float()) return call.ok(real(std::fabs(v.as_float())));
    if (v.as_int() == INT64_MIN)
        return call.fail(ErrorKind::arithmetic, fmt::format("Integer overflow: abs({})", v.as_int()));
    return call.ok(Value::integer(v.as_int() < 0 ? -v.as_int() : v.as_int()));
}

Outcome sign(NativeCall& call) {
    const auto d = number(call.args[0]);
    if (std::isnan(d)) return call.fail(ErrorKind::arithmetic, "Sign of NaN is undefined");
    return call.ok(Value::integer(d > 0 ? 1 : d < 0 ? -1 : 0));
}

Outcome is_zero(NativeCall& call) { return call.ok(Value::boolean(number(call.args[0]) == 0)); }
Outcome is_odd(NativeCall& call) { return call.ok(Value::boolean(call.args[0].as_int() % 2 != 0)); }
Outcome is_even(NativeCall& call) { return call.ok(Value::boolean(call.args[0].as_int() % 2 == 0)); }
Outcome to_float(NativeCall& call) { return call.ok(real(number(call.args[0]))); }

Outcome to_int(NativeCall& call) {
    if (call.args[0].is_int()) return call.ok(call.args[0]);
    const auto d = std::trunc(call.args[0].as_float());
    if (!(d >= -9223372036854775808.0 && d < 9223372036854775808.0))
        return call.fail(ErrorKind::arithmetic,
                         fmt::format("Integer overflow: to_int({})", float_text(call.args[0].as_float())));
    return call.ok(Value::integer(static_cast<std::int64_t>(d)));
}

Outcome to_radix(NativeCall& call) {
    const auto bits = static_cast<std::uint64_t>(call.args[0].as_int());
    return call.ok(Value::string(call.data == 16  ? fmt::format("{:x}", bits)
                                 : call.data == 8 ? fmt::format("{:o}", bits)
                                                  : fmt::format("{:b}", bits)));
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r')))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || (text.back() >= '\t' && text.back() <= '\r'))) text.remove_suffix(1);
    return text;
}

Outcome parse_int(NativeCall& call) {
    const auto radix = call.count > 1 ? call.args[1].as_int() : 10;
    if (radix < 2 || radix > 36) return call.fail(ErrorKind::arithmetic, fmt::format("Invalid radix: '{}'", radix));
    auto text = trimmed(call.args[0].as_string());
    const bool plus = text.starts_with('+');
    if (plus) text.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, static_cast<int>(radix));
    if (error != std::errc() || end != text.data() + text.size() || text.empty() || (plus && text.front() == '-'))
        return call.fail(ErrorKind::arithmetic,
                         fmt::format("Error parsing integer number '{}'", call.args[0].as_string()));
    return call.ok(Value::integer(value));
}

Outcome parse_float(NativeCall& call) {
    auto text = trimmed(call.args[0].as_string());
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if ((error != std::errc() && error != std::errc::result_out_of_range) || end != text.data() + text.size() ||
        text.empty())
        return call.fail(ErrorKind::arithmetic,
                         fmt::format("Error parsing floating-point number '{}'", call.args[0].as_string()));
    // Too large is infinite and too small is zero, which from_chars leaves to its caller.
    if (error == std::errc::result_out_of_range) value = std::strtod(std::string(text).c_str(), nullptr);
    return call.ok(real(value));
}

// One-argument functions of floats, by Native::data.
using Real = double (*)(double);
constexpr struct {
    std::string_view name;
    Real function;
    bool is_property;
} reals[] = {
    {"floor", std::floor, true},
    {"ceiling", std::ceil, true},
    {"round", std::round, true},
    {"int", std::trunc, true},
    {"fraction", [](double d) { return d - std::trunc(d); }, true},
    {"sqrt", std::sqrt, false},
    {"exp", std::exp, false},
    {"ln", std::log, false},
    {"log", std::log10, false},
    {"sin", std::sin, false},
    {"cos", std::cos, false},
    {"tan", std::tan, false},
    {"sinh", std::sinh, false},
    {"cosh", std::cosh, false},
    {"tanh", std::tanh, false},
    {"asin", std::asin, false},
    {"acos", std::acos, false},
    {"atan", std::atan, false},
    {"asinh", std::asinh, false},
    {"acosh", std::acosh, false},
    {"atanh", std::atanh, false},
    {"to_degrees", [](double d) { return d * 180.0 / std::numbers::pi; }, false},
    {"to_radians", [](double d) { return d * std::numbers::pi / 180.0; }, false},
};

Outcome real_function(NativeCall& call) { return call.ok(real(reals[call.data].function(call.args[0].as_float()))); }
Outcome log_base(NativeCall& call) {
    return call.ok(real(std::log(call.args[0].as_float()) / std::log(call.args[1].as_float())));
}
Outcome atan2_function(NativeCall& call) {
    return call.ok(real(std::atan2(call.args[0].as_float(), call.args[1].as_float())));
}
Outcome hypot_function(NativeCall& call) {
    return call.ok(real(std::hypot(call.args[0].as_float(), call.args[1].as_float())));
}
Outcome is_nan(NativeCall& call) { return call.ok(Value::boolean(std::isnan(call.args[0].as_float()))); }
Outcome is_finite(NativeCall& call) { return call.ok(Value::boolean(std::isfinite(call.args[0].as_float()))); }
Outcome is_infinite(NativeCall& call) { return call.ok(Value::boolean(std::isinf(call.args[0].as_float()))); }
Outcome constant_pi(NativeCall& call) { return call.ok(real(std::numbers::pi)); }
Outcome constant_e(NativeCall& call) { return call.ok(real(std::numbers::e)); }

// data: 0 min, 1 max
Outcome extreme(NativeCall& call) {
    Value less;
    if (auto error = binary(Op::lt, call.args[0], call.args[1], less, call.limits)) return call.fail(std::move(error));
    const bool first_is_less = less.as_bool();
    const bool take_first = call.data == 0 ? first_is_less : !first_is_less;
    const auto& chosen = call.args[take_first ? 0 : 1];
    const bool mixed = call.args[0].is_float() != call.args[1].is_float() && chosen.is_int();
    return call.ok(mixed ? real(static_cast<double>(chosen.as_int())) : chosen);
}

}  // namespace

void add_numbers(NativeTable& table) {
    using namespace accepts;
    table.add("abs", {accepts::number}, abs_value);
    table.add("sign", {accepts::number}, sign);
    table.add("is_zero", {accepts::number}, is_zero, property);
    table.add("is_odd", {integer}, is_odd, property);
    table.add("is_even", {integer}, is_even, property);
    table.add("to_float", {accepts::integer}, to_float);
    table.add("to_int", {accepts::number}, to_int);
    table.add("to_hex", {integer}, to_radix, pure, 16);
    table.add("to_octal", {integer}, to_radix, pure, 8);
    table.add("to_binary", {integer}, to_radix, pure, 2);
    table.add("parse_int", {string}, parse_int);
    table.add("parse_int", {string, integer}, parse_int);
    table.add("parse_float", {string}, parse_float);
    for (std::uint16_t i = 0; i < std::size(reals); ++i)
        table.add(reals[i].name, {floating}, real_function, reals[i].is_property ? property : pure, i);
    table.add("log", {floating, floating}, log_base);
    table.add("atan", {floating, floating}, atan2_function);
    table.add("hypot", {floating, floating}, hypot_function);
    table.add("is_nan", {floating}, is_nan, property);
    table.add("is_finite", {floating}, is_finite, property);
    table.add("is_infinite", {floating}, is_infinite, property);
    table.add("PI", {}, constant_pi);
    table.add("E", {}, constant_e);
    table.add("min", {accepts::number, accepts::number}, extreme, pure, 0);
    table.add("max", {accepts::number, accepts::number}, extreme, pure, 1);
    table.add("min", {text, text}, extreme, pure, 0);
    table.add("max", {text, text}, extreme, pure, 1);
}

}  // namespace sluice::dsl::lib
