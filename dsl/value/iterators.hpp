// What `for` walks besides arrays and ranges (vsl-language.md section 9).
#pragma once

#include "dsl/value/objects.hpp"

namespace sluice::dsl {

// Characters of a string, bytes of a blob; a null Value if `source` is neither.
[[nodiscard]] Value make_iterator(const Value& source);
[[nodiscard]] Value make_char_iterator(Value string, std::size_t from_byte, std::size_t count);
[[nodiscard]] Value make_bit_iterator(std::uint64_t bits, std::size_t count);
[[nodiscard]] Value make_int_step_iterator(std::int64_t from, std::int64_t to, std::int64_t step);
[[nodiscard]] Value make_float_step_iterator(double from, double to, double step);

}  // namespace sluice::dsl
