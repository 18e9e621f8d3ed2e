// Section 6: operators on values.
#include <cmath>

#include "dsl/ast/operators.hpp"
#include "tests/reference/evaluator.hpp"

namespace sluice::reference {

using ast::AssignOp;
using ast::BinaryOp;

namespace {

constexpr Int least = INT64_MIN;

[[noreturn]] void undefined(BinaryOp op, const Value& a, const Value& b) {
    fail("ErrorFunctionNotFound", std::string(ast::info(op).text) + " (" + type_name(a) + ", " + type_name(b) + ")");
}

[[noreturn]] void arithmetic() { fail("ErrorArithmetic"); }

Int checked(__int128 wide) {
    if (wide < least || wide > INT64_MAX) arithmetic();
    return static_cast<Int>(wide);
}

Int shift(Int value, Int left) {
    // One bit at a time is slow and obvious; 64 turns are enough for every count.
    const bool to_left = left > 0;
    std::uint64_t turns = left == least ? 64 : static_cast<std::uint64_t>(left < 0 ? -left : left);
    if (turns > 64) turns = 64;
    for (; turns > 0; --turns)
        value = to_left ? static_cast<Int>(static_cast<std::uint64_t>(value) << 1)
                        : (value < 0 ? ~(~value / 2) : value / 2);
    return value;
}

Int power(Int base, Int exponent) {
    if (exponent < 0) arithmetic();
    if (base == 0 || base == 1) return exponent == 0 ? 1 : base;
    if (base == -1) return exponent % 2 == 0 ? 1 : -1;
    Int result = 1;
    for (; exponent > 0; --exponent) result = checked(static_cast<__int128>(result) * base);
    return result;
}

Value integers(BinaryOp op, Int a, Int b) {
    const __int128 x = a;
    const __int128 y = b;
    switch (op) {
        case BinaryOp::add: return integer(checked(x + y));
        case BinaryOp::sub: return integer(checked(x - y));
        case BinaryOp::mul: return integer(checked(x * y));
        case BinaryOp::div:
            if (b == 0) arithmetic();
            return integer(checked(x / y));
        case BinaryOp::mod:
            if (b == 0 || (a == least && b == -1)) arithmetic();
            return integer(checked(x % y));
        case BinaryOp::pow: return integer(power(a, b));
        case BinaryOp::shl: return integer(shift(a, b));
        case BinaryOp::shr: return integer(b == least ? shift(a, 64) : shift(a, -b));
        case BinaryOp::bit_and: return integer(a & b);
        case BinaryOp::bit_or: return integer(a | b);
        case BinaryOp::bit_xor: return integer(a ^ b);
        default: undefined(op, integer(a), integer(b));
    }
}

double real(const Value& v) { return v.is<Int>() ? static_cast<double>(v.as<Int>()) : v.as<double>(); }

Value floats(BinaryOp op, const Value& left, const Value& right) {
    const double a = real(left);
    const double b = real(right);
    switch (op) {
        case BinaryOp::add: return floating(a + b);
        case BinaryOp::sub: return floating(a - b);
        case BinaryOp::mul: return floating(a * b);
        case BinaryOp::div: return floating(a / b);
        case BinaryOp::mod: return floating(std::fmod(a, b));
        case BinaryOp::pow: return floating(std::pow(a, b));
        default: undefined(op, left, right);
    }
}

std::string without(const std::string& text, const std::string& what) {
    if (what.empty()) return text;
    std::string out;
    std::size_t at = 0;
    for (std::size_t hit; (hit = text.find(what, at)) != std::string::npos; at = hit + what.size())
        out += text.substr(at, hit - at);
    return out + text.substr(at);
}

bool ordered_result(BinaryOp op, int order) {
    switch (op) {
        case BinaryOp::lt: return order < 0;
        case BinaryOp::le: return order <= 0;
        case BinaryOp::gt: return order > 0;
        default: return order >= 0;
    }
}

Value compare(BinaryOp op, const Value& a, const Value& b) {
    const auto answer = [&](const auto& x, const auto& y) {
        return boolean(ordered_result(op, x < y ? -1 : y < x ? 1 : 0));
    };
    if (a.is<Int>() && b.is<Int>()) return answer(a.as<Int>(), b.as<Int>());
    if (a.is_number() && b.is_number()) {
        if (std::isnan(real(a)) || std::isnan(real(b))) return boolean(false);
        return answer(real(a), real(b));
    }
    if (a.is<std::string>() && b.is<std::string>())
        return answer(decode(a.as<std::string>()), decode(b.as<std::string>()));
    if (a.is_text() && b.is_text())  // with a character, a string counts by its first two
        return answer(decode(text_of(a)).substr(0, 2), decode(text_of(b)).substr(0, 2));
    if (a.is<bool>() && b.is<bool>()) return answer(a.as<bool>(), b.as<bool>());
    if (a.is<Unit>() || a.data.index() != b.data.index()) return boolean(false);
    undefined(op, a, b);
}

}  // namespace

Value Evaluator::binary(BinaryOp op, const Value& left, const Value& right) {
    switch (op) {
        case BinaryOp::eq:
        case BinaryOp::ne:
            if (left.is<FnPtr>() && right.is<FnPtr>()) undefined(op, left, right);
            return boolean(equal(left, right) == (op == BinaryOp::eq));
        case BinaryOp::lt:
        case BinaryOp::le:
        case BinaryOp::gt:
        case BinaryOp::ge: return compare(op, left, right);
        case BinaryOp::in: return boolean(contains(right, left));
        case BinaryOp::not_in: return boolean(!contains(right, left));
        case BinaryOp::range:
        case BinaryOp::range_inclusive:
            if (!left.is<Int>() || !right.is<Int>()) undefined(op, left, right);
            return {Range{left.as<Int>(), right.as<Int>(), op == BinaryOp::range_inclusive}};
        default: break;
    }
    if (left.is<Int>() && right.is<Int>()) return integers(op, left.as<Int>(), right.as<Int>());
    if (left.is_number() && right.is_number()) return floats(op, left, right);
    if (left.is<bool>() && right.is<bool>()) {
        const bool a = left.as<bool>();
        const bool b = right.as<bool>();
        if (op == BinaryOp::bit_and) return boolean(a && b);
        if (op == BinaryOp::bit_or) return boolean(a || b);
        if (op == BinaryOp::bit_xor) return boolean(a != b);
        undefined(op, left, right);
    }
    if (op == BinaryOp::sub && left.is<std::string>() && right.is_text())
        return string(without(left.as<std::string>(), text_of(right)));
    if (op != BinaryOp::add) undefined(op, left, right);
    const bool characters = left.is<char32_t>() && right.is<char32_t>();
    if (characters || left.is<std::string>() || right.is<std::string>()) {
        auto text = to_text(left) + to_text(right);
        check_string(text.size());
        return string(std::move(text));
    }
    if ((left.is<Array>() && right.is<Array>()) || (left.is<Map>() && right.is<Map>()) ||
        (left.is<Blob>() && right.is<Blob>())) {
        Value sum = left;
        copied(sum);
        compound(AssignOp::add, sum, right);
        return sum;
    }
    undefined(op, left, right);
}

void Evaluator::compound(AssignOp op, Value& target, const Value& right) {
    if (op == AssignOp::add && target.is<Array>()) {
        const Value held = right;  // may be the target itself
        copied(held);
        auto& items = target.as<Array>();
        check_array(items.size() + (held.is<Array>() ? held.as<Array>().size() : 1));
        if (held.is<Array>())
            items.insert(items.end(), held.as<Array>().begin(), held.as<Array>().end());
        else
            items.push_back(held);
        return;
    }
    if (op == AssignOp::add && target.is<Map>() && right.is<Map>()) {
        const Value held = right;
        copied(held);
        for (const auto& [key, value] : held.as<Map>()) target.as<Map>()[key] = value;
        check_map(target.as<Map>().size());
        return;
    }
    if (op == AssignOp::add && target.is<Blob>() && (right.is<Blob>() || right.is<Int>() || right.is_text())) {
        auto& bytes = target.as<Blob>().bytes;
        if (right.is<Int>()) {
            bytes.push_back(static_cast<std::uint8_t>(right.as<Int>()));
        } else {
            const auto extra = right.is<Blob>()
                                   ? std::string(right.as<Blob>().bytes.begin(), right.as<Blob>().bytes.end())
                                   : text_of(right);
            for (const char c : extra) bytes.push_back(static_cast<std::uint8_t>(c));
        }
        check_array(bytes.size());
        return;
    }
    static constexpr BinaryOp meaning[] = {BinaryOp::add, BinaryOp::add,     BinaryOp::sub,    BinaryOp::mul,
                                           BinaryOp::div, BinaryOp::mod,     BinaryOp::pow,    BinaryOp::shl,
                                           BinaryOp::shr, BinaryOp::bit_and, BinaryOp::bit_or, BinaryOp::bit_xor};
    target = binary(meaning[static_cast<int>(op)], target, right);
}

}  // namespace sluice::reference
