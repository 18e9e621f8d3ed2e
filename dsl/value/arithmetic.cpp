// Operators on values (vsl-language.md section 6): arithmetic, bits, text. Comparisons are in compare.cpp.
#include <cmath>

#include <fmt/format.h>

#include "dsl/value/operations.hpp"

namespace sluice::dsl {

std::string_view symbol(Op op) noexcept {
    static constexpr std::string_view symbols[] = {"+", "-", "*",  "/",  "%", "**", "<<", ">>", "&",
                                                   "|", "^", "==", "!=", "<", "<=", ">",  ">="};
    return symbols[static_cast<unsigned>(op)];
}

namespace {

ErrorPtr arithmetic(std::string message) { return make_error(ErrorKind::arithmetic, std::move(message)); }

std::int64_t shift_left(std::int64_t value, std::int64_t count) noexcept;
std::int64_t shift_right(std::int64_t value, std::int64_t count) noexcept {
    if (count < 0) return count == INT64_MIN ? 0 : shift_left(value, -count);
    return value >> (count > 63 ? 63 : count);
}
std::int64_t shift_left(std::int64_t value, std::int64_t count) noexcept {
    if (count < 0) return count == INT64_MIN ? (value < 0 ? -1 : 0) : shift_right(value, -count);
    return count > 63 ? 0 : static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << count);
}

ErrorPtr integer_power(std::int64_t base, std::int64_t exponent, std::int64_t& result) {
    if (exponent < 0) return arithmetic(fmt::format("Integer raised to a negative power: {} ** {}", base, exponent));
    std::int64_t power = 1;
    std::int64_t factor = base;
    for (auto left = exponent; left > 0; left >>= 1) {
        if ((left & 1) && __builtin_mul_overflow(power, factor, &power))
            return arithmetic(fmt::format("Exponential overflow: {} ** {}", base, exponent));
        if (left > 1 && __builtin_mul_overflow(factor, factor, &factor))
            return arithmetic(fmt::format("Exponential overflow: {} ** {}", base, exponent));
    }
    result = power;
    return nullptr;
}

ErrorPtr integers(Op op, std::int64_t a, std::int64_t b, Value& result) {
    std::int64_t r = 0;
    switch (op) {
        case Op::add:
            if (__builtin_add_overflow(a, b, &r)) return arithmetic(fmt::format("Addition overflow: {} + {}", a, b));
            break;
        case Op::sub:
            if (__builtin_sub_overflow(a, b, &r)) return arithmetic(fmt::format("Subtraction overflow: {} - {}", a, b));
            break;
        case Op::mul:
            if (__builtin_mul_overflow(a, b, &r))
                return arithmetic(fmt::format("Multiplication overflow: {} * {}", a, b));
            break;
        case Op::div:
            if (b == 0) return arithmetic(fmt::format("Division by zero: {} / {}", a, b));
            if (b == -1 && a == INT64_MIN) return arithmetic(fmt::format("Division overflow: {} / {}", a, b));
            r = a / b;
            break;
        case Op::mod:
            if (b == 0) return arithmetic(fmt::format("Modulo division by zero: {} % {}", a, b));
            if (b == -1 && a == INT64_MIN) return arithmetic(fmt::format("Modulo division overflow: {} % {}", a, b));
            r = a % b;
            break;
        case Op::pow:
            if (auto error = integer_power(a, b, r)) return error;
            break;
        case Op::shl: r = shift_left(a, b); break;
        case Op::shr: r = shift_right(a, b); break;
        case Op::bit_and: r = a & b; break;
        case Op::bit_or: r = a | b; break;
        case Op::bit_xor: r = a ^ b; break;
        default: break;
    }
    result = Value::integer(r);
    return nullptr;
}

bool floats(Op op, double a, double b, Value& result) {
    double r = 0;
    switch (op) {
        case Op::add: r = a + b; break;
        case Op::sub: r = a - b; break;
        case Op::mul: r = a * b; break;
        case Op::div: r = a / b; break;
        case Op::mod: r = std::fmod(a, b); break;
        case Op::pow: r = std::pow(a, b); break;
        default: return false;
    }
    result = Value::floating(r);
    return true;
}

bool is_number(const Value& v) noexcept { return v.is_int() || v.is_float(); }
double number(const Value& v) noexcept { return v.is_int() ? static_cast<double>(v.as_int()) : v.as_float(); }

ErrorPtr check_string(std::size_t bytes, const Limits& limits) {
    return limits.string_bytes != 0 && bytes > limits.string_bytes ? too_large("Length of string") : nullptr;
}

// Beside a string, a blob is the text that its bytes spell.
ErrorPtr text_of(const Value& value, std::string& out, const Limits& limits) {
    if (value.is_blob()) {
        append_utf8(value.as_blob().bytes, out);
        return nullptr;
    }
    return value.is_unit() ? nullptr : append_text(value, out, limits);
}

std::string removed(std::string_view from, std::string_view what) {
    if (what.empty()) return std::string(from);
    std::string out;
    std::size_t at = 0;
    for (auto hit = find_text(from, what); hit != std::string_view::npos; hit = find_text(from, what, at)) {
        out += from.substr(at, hit - at);
        at = hit + what.size();
    }
    out += from.substr(at);
    return out;
}

std::string text_bytes(const Value& v) {
    std::string text;
    if (v.is_char())
        append_char(text, v.as_char());
    else
        text = v.as_string();
    return text;
}

// + and - where a string or character takes part; false if the pair has no such meaning.
bool texts(Op op, const Value& left, const Value& right, Value& result, const Limits& limits, ErrorPtr& error) {
    const bool string_side = left.is_string() || right.is_string();
    const bool characters =
        (left.is_char() && (right.is_char() || right.is_blob())) || (left.is_blob() && right.is_char());
    if (op == Op::add && (string_side || characters)) {
        std::string text;
        error = text_of(left, text, limits);
        if (!error) error = text_of(right, text, limits);
        if (!error) error = check_string(text.size(), limits);
        if (!error) result = Value::string(text);
        return true;
    }
    if (op == Op::sub && left.is_string() && (right.is_string() || right.is_char())) {
        result = Value::string(removed(left.as_string(), text_bytes(right)));
        return true;
    }
    return false;
}

ErrorPtr check_items(std::size_t items, std::uint64_t limit, std::string_view what) {
    return limit != 0 && items > limit ? too_large(what) : nullptr;
}

bool containers(Op op, const Value& left, const Value& right, Value& result, const Limits& limits, ErrorPtr& error) {
    if (op != Op::add) return false;
    if (left.is_array() && right.is_array()) {
        error = check_items(left.as_array().items.size() + right.as_array().items.size(), limits.array_items,
                            "Size of array");
        if (error) return true;
        auto items = left.as_array().items;
        items.insert(items.end(), right.as_array().items.begin(), right.as_array().items.end());
        result = make_array(std::move(items));
        return true;
    }
    if (left.is_map() && right.is_map()) {
        Value merged = left;
        error = compound(Op::add, merged, right, limits);
        if (!error) result = std::move(merged);
        return true;
    }
    if (left.is_blob() && right.is_blob()) {
        Value joined = left;
        error = compound(Op::add, joined, right, limits);
        if (!error) result = std::move(joined);
        return true;
    }
    return false;
}

bool timestamps(Op op, const Value& left, const Value& right, Value& result) {
    if (!left.is(Tag::timestamp)) return false;
    if (op == Op::sub && right.is(Tag::timestamp)) {
        result = Value::floating(static_cast<double>(left.as_timestamp() - right.as_timestamp()) / 1e9);
        return true;
    }
    if ((op == Op::add || op == Op::sub) && is_number(right)) {
        const double shifted = static_cast<double>(left.as_timestamp()) + (op == Op::add ? 1e9 : -1e9) * number(right);
        if (!(std::fabs(shifted) < 9.2e18)) return false;
        result = Value::timestamp(static_cast<std::int64_t>(shifted));
        return true;
    }
    return false;
}

bool booleans(Op op, const Value& left, const Value& right, Value& result) {
    if (!left.is_bool() || !right.is_bool()) return false;
    const bool a = left.as_bool();
    const bool b = right.as_bool();
    switch (op) {
        case Op::bit_and: result = Value::boolean(a && b); return true;
        case Op::bit_or: result = Value::boolean(a || b); return true;
        case Op::bit_xor: result = Value::boolean(a != b); return true;
        default: return false;
    }
}

ErrorPtr append_to_blob(Value& left, const Value& right, const Limits& limits) {
    Bytes extra;
    if (right.is_blob()) {
        extra = right.as_blob().bytes;
    } else if (right.is_int()) {
        extra.push_back(static_cast<std::uint8_t>(right.as_int()));
    } else {
        const auto text = text_bytes(right);
        extra.assign(text.begin(), text.end());
    }
    auto& bytes = left.own_blob().bytes;
    if (auto error = check_items(bytes.size() + extra.size(), limits.array_items, "Size of blob")) return error;
    bytes.insert(bytes.end(), extra.begin(), extra.end());
    return nullptr;
}

ErrorPtr append_to_array(Value& left, const Value& right, const Limits& limits) {
    const auto extra = right.is_array() ? right.as_array().items.size() : 1;
    if (auto error = check_items(left.as_array().items.size() + extra, limits.array_items, "Size of array"))
        return error;
    const Value held = right;  // right may be an element of left, or left itself
    auto& items = left.own_array().items;
    if (held.is_array())
        items.insert(items.end(), held.as_array().items.begin(), held.as_array().items.end());
    else
        items.push_back(held);
    return nullptr;
}

ErrorPtr merge_into_map(Value& left, const Value& right, const Limits& limits) {
    const Value held = right;
    auto& map = left.own_map();
    for (const auto& entry : held.as_map().entries()) {
        map.insert_or_find(entry.key) = entry.value;
        if (auto error = check_items(map.size(), limits.map_items, "Size of object map")) return error;
    }
    return nullptr;
}

}  // namespace

ErrorPtr compare(Op op, const Value& left, const Value& right, Value& result);  // compare.cpp

ErrorPtr binary(Op op, const Value& left, const Value& right, Value& result, const Limits& limits) {
    if (op >= Op::eq) return compare(op, left, right, result);
    if (left.is_int() && right.is_int()) return integers(op, left.as_int(), right.as_int(), result);
    if (is_number(left) && is_number(right) && floats(op, number(left), number(right), result)) return nullptr;
    ErrorPtr error;
    if (texts(op, left, right, result, limits, error) || booleans(op, left, right, result) ||
        containers(op, left, right, result, limits, error) || timestamps(op, left, right, result)) {
        return error;
    }
    return not_found(op, left, right);
}

ErrorPtr compound(Op op, Value& left, const Value& right, const Limits& limits) {
    if (op == Op::add) {
        if (left.is_array()) return append_to_array(left, right, limits);
        if (left.is_map() && right.is_map()) return merge_into_map(left, right, limits);
        if (left.is_blob() && (right.is_blob() || right.is_int() || right.is_char() || right.is_string()))
            return append_to_blob(left, right, limits);
        if (left.is_string()) {
            if (right.is_string()) {
                if (auto error = check_string(left.as_string().size() + right.as_string().size(), limits)) return error;
                const Value held = right;
                left.append(held.as_string());
                return nullptr;
            }
            std::string text;
            if (auto error = text_of(right, text, limits)) return error;
            if (auto error = check_string(left.as_string().size() + text.size(), limits)) return error;
            left.append(text);
            return nullptr;
        }
    }
    Value result;
    if (auto error = binary(op, left, right, result, limits)) return error;
    left = std::move(result);
    return nullptr;
}

ErrorPtr negate(const Value& operand, Value& result) {
    if (operand.is_int()) {
        if (operand.as_int() == INT64_MIN) return arithmetic(fmt::format("Negation overflow: -{}", operand.as_int()));
        result = Value::integer(-operand.as_int());
        return nullptr;
    }
    if (operand.is_float()) {
        result = Value::floating(-operand.as_float());
        return nullptr;
    }
    return function_not_found("-", &operand, 1);
}

ErrorPtr unary_plus(const Value& operand, Value& result) {
    if (!is_number(operand)) return function_not_found("+", &operand, 1);
    result = operand;
    return nullptr;
}

ErrorPtr logical_not(const Value& operand, Value& result) {
    if (!operand.is_bool()) return function_not_found("!", &operand, 1);
    result = Value::boolean(!operand.as_bool());
    return nullptr;
}

ErrorPtr function_not_found(std::string_view name, const Value* args, std::size_t count) {
    auto text = signature(name, args, count);
    auto error = make_error(ErrorKind::function_not_found, "Function not found: " + text);
    error->subject = std::move(text);
    return error;
}

ErrorPtr not_found(Op op, const Value& left, const Value& right) {
    const Value args[] = {left, right};
    return function_not_found(symbol(op), args, 2);
}

ErrorPtr mismatch(std::string_view requested, const Value& actual, std::string_view what) {
    auto error = make_error(ErrorKind::mismatch_data_type,
                            fmt::format("{}: {} is needed, not {}", what, requested, type_name(actual)));
    error->requested = requested;
    error->actual = type_name(actual);
    return error;
}

ErrorPtr too_large(std::string_view what) {
    return make_error(ErrorKind::data_too_large, fmt::format("{} exceeds the limit", what));
}

}  // namespace sluice::dsl
