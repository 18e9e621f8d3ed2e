// What a stranger wrote, as a part of an error text: cut, and with nothing in it that could disturb a log line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::grammar::sts {

[[nodiscard]] inline std::string excerpt(std::string_view text) {
    constexpr std::size_t longest = 60;
    std::string out;
    for (const char c : text.substr(0, longest)) out += c >= ' ' && c <= '~' ? c : '?';
    if (text.size() > longest) out += "...";
    return out;
}

}  // namespace sluice::grammar::sts
