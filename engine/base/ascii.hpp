// Octets of text, for all protocols. Pure.
#pragma once

#include <algorithm>
#include <string_view>

namespace sluice {

[[nodiscard]] inline bool is_ascii(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace sluice
