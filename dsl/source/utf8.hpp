// UTF-8 of script texts: validation and counting.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::dsl {

// Offset of the first byte that does not belong to well-formed UTF-8 (no overlong forms, no surrogates).
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(std::string_view text) noexcept;

// Length of the well-formed sequence at the start of `text`, 0 if it is not one.
[[nodiscard]] std::size_t utf8_sequence_length(std::string_view text) noexcept;

// Scalars in `text`; a byte that belongs to no well-formed sequence counts as one.
[[nodiscard]] std::size_t count_scalars(std::string_view text) noexcept;

[[nodiscard]] constexpr bool is_scalar(char32_t c) noexcept { return c < 0xD800 || (c > 0xDFFF && c <= 0x10FFFF); }

void append_utf8(std::string& to, char32_t scalar);

// The scalar at the start of well-formed, non-empty `text`.
[[nodiscard]] char32_t first_scalar(std::string_view text) noexcept;

}  // namespace sluice::dsl
