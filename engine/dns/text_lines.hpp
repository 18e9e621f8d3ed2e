// Lines and words of the system's configuration files.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

namespace sluice::dns {

// Calls on_line(number, line) for every line, numbers from 1, without line ends.
template <typename OnLine>
void for_each_line(std::string_view text, OnLine on_line) {
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        on_line(number, text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

// Words between blanks, up to a word that begins with one of `comment`.
[[nodiscard]] inline std::vector<std::string_view> words_of(std::string_view line, std::string_view comment) {
    static constexpr std::string_view blanks = " \t\r\f\v";
    std::vector<std::string_view> words;
    for (auto begin = line.find_first_not_of(blanks); begin != std::string_view::npos;
         begin = line.find_first_not_of(blanks, begin)) {
        if (comment.find(line[begin]) != std::string_view::npos) break;
        const auto end = std::min(line.find_first_of(blanks, begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        begin = end;
    }
    return words;
}

}  // namespace sluice::dns
