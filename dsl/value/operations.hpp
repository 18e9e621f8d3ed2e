// Operations on values that need no running program: text forms (section 5), comparison and arithmetic (section 6),
// indexing (section 12). Each returns null or an error; deep values are walked with a budget, never on the C++ stack
// beyond max_nesting levels.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "dsl/value/error.hpp"
#include "dsl/value/objects.hpp"
#include "dsl/value/value.hpp"

namespace sluice::dsl {

inline constexpr int max_nesting = 256;

// Appends to `out`; data_too_large when it grows past `limit` bytes or nests too deeply.
[[nodiscard]] ErrorPtr append_text(const Value& value, std::string& out, const Limits& limits);
[[nodiscard]] ErrorPtr append_debug(const Value& value, std::string& out, const Limits& limits);
// For messages: as debug text, cut to a sensible length, never fails.
[[nodiscard]] std::string brief(const Value& value);
[[nodiscard]] std::string float_text(double d);
// "f (i64, string)" for ErrorFunctionNotFound.
[[nodiscard]] std::string signature(std::string_view name, const Value* args, std::size_t count);

// clang-format off
enum class Op : std::uint8_t {
    add, sub, mul, div, mod, pow, shl, shr, bit_and, bit_or, bit_xor, eq, ne, lt, le, gt, ge,
};
// clang-format on
[[nodiscard]] std::string_view symbol(Op op) noexcept;

// left op right into `result` (which may be one of them).
[[nodiscard]] ErrorPtr binary(Op op, const Value& left, const Value& right, Value& result, const Limits& limits);
// left op= right in place, with the special cases of section 6 (array += v pushes, string += any appends).
[[nodiscard]] ErrorPtr compound(Op op, Value& left, const Value& right, const Limits& limits);
[[nodiscard]] ErrorPtr negate(const Value& operand, Value& result);
[[nodiscard]] ErrorPtr unary_plus(const Value& operand, Value& result);
[[nodiscard]] ErrorPtr logical_not(const Value& operand, Value& result);
// `==` of section 6.
[[nodiscard]] ErrorPtr equal(const Value& left, const Value& right, bool& result);
// item in container.
[[nodiscard]] ErrorPtr contains(const Value& container, const Value& item, bool& result);
// Same type and same value: what a switch label asks.
[[nodiscard]] bool matches(const Value& value, const Value& label) noexcept;

[[nodiscard]] ErrorPtr get_index(const Value& container, const Value& key, Value& result);
// container[key] = value in place.
[[nodiscard]] ErrorPtr set_index(Value& container, const Value& key, const Value& value, const Limits& limits);
// The element itself for a step of a path; the container is made ours first. A missing map key is created or gives
// null. Null too where an element is no value of its own (string, blob, int): use get_index and set_index there.
[[nodiscard]] ErrorPtr element(Value& container, const Value& key, bool create, Value*& element);

[[nodiscard]] ErrorPtr not_found(Op op, const Value& left, const Value& right);
[[nodiscard]] ErrorPtr function_not_found(std::string_view name, const Value* args, std::size_t count);
[[nodiscard]] ErrorPtr mismatch(std::string_view requested, const Value& actual, std::string_view what);
[[nodiscard]] ErrorPtr too_large(std::string_view what);

// UTF-8 helpers shared by strings, indexing and the library.
[[nodiscard]] std::size_t char_count(std::string_view text) noexcept;
// Byte offset of the n-th character; text.size() when there are fewer.
[[nodiscard]] std::size_t char_offset(std::string_view text, std::size_t n) noexcept;
// Decodes at `at` and moves it past the character; invalid bytes give U+FFFD one at a time.
[[nodiscard]] char32_t decode_char(std::string_view text, std::size_t& at) noexcept;
void append_char(std::string& out, char32_t c);
void append_utf8(const Bytes& bytes, std::string& out);  // what is not UTF-8 becomes U+FFFD
// As string_view::find, but never slower than the sum of both lengths: rules search text that strangers wrote.
[[nodiscard]] std::size_t find_text(std::string_view text, std::string_view what, std::size_t from = 0) noexcept;

// A range argument as start and length within `size` elements: clamped, negative starts count from the end.
struct Part {
    std::size_t start;
    std::size_t length;
};
[[nodiscard]] Part part_of(std::int64_t start, std::int64_t length, std::size_t size) noexcept;
[[nodiscard]] Part part_of(const RangeObject& range, std::size_t size) noexcept;

}  // namespace sluice::dsl
