// Upper and lower case by the C.UTF-8 locale's tables, independent of the environment's locale.
#pragma once

#include <string>
#include <string_view>

namespace sluice::dsl::lib {

[[nodiscard]] char32_t upper_char(char32_t c) noexcept;
[[nodiscard]] char32_t lower_char(char32_t c) noexcept;
[[nodiscard]] std::string upper_text(std::string_view text);
[[nodiscard]] std::string lower_text(std::string_view text);

}  // namespace sluice::dsl::lib
