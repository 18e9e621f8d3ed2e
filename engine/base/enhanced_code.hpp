// Enhanced status codes at the beginning of a text, "5.7.1 relaying denied" (RFC 3463). Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace sluice {

// The length of the code: class 2, 4 or 5, subject and detail of one to three digits, then a blank, the end of a line
// or of the text. 0: there is none.
[[nodiscard]] std::size_t enhanced_code_length(std::string_view text) noexcept;

}  // namespace sluice
