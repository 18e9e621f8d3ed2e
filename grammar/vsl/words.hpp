// Which words are names. Used by the grammar, by error texts and by completion.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::grammar::vsl {

enum class WordClass : std::uint8_t { name, keyword, callable, method, operator_, self, disabled, reserved };

struct Word {
    std::string_view text;
    WordClass word_class;
};

namespace detail {

constexpr auto sorted_words() {
    std::array words{
#define SLUICE_WORD(text, word_class) Word{text, WordClass::word_class},
#include "grammar/vsl/words.def"
#undef SLUICE_WORD
    };
    std::sort(words.begin(), words.end(), [](const Word& a, const Word& b) { return a.text < b.text; });
    return words;
}

}  // namespace detail

// Sorted by text.
inline constexpr auto words = detail::sorted_words();

[[nodiscard]] constexpr WordClass classify(std::string_view text) noexcept {
    constexpr std::size_t longest = 10;
    if (text.size() < 2 || text.size() > longest) return WordClass::name;
    const auto* found = std::lower_bound(words.begin(), words.end(), text,
                                         [](const Word& w, std::string_view t) { return w.text < t; });
    return found != words.end() && found->text == text ? found->word_class : WordClass::name;
}

// Whether a function, of the script or of the host, can have this name.
[[nodiscard]] constexpr bool can_name_function(std::string_view text) noexcept {
    const auto word = classify(text);
    return word == WordClass::name || word == WordClass::callable || word == WordClass::method;
}

[[nodiscard]] constexpr bool is_word_start(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_word_char(char c) noexcept { return is_word_start(c) || is_digit(c); }

// Length of the run of word characters at `text`, whether or not it is a well-formed name.
[[nodiscard]] constexpr std::size_t word_length(std::string_view text) noexcept {
    if (text.empty() || !is_word_start(text.front())) return 0;
    std::size_t n = 1;
    while (n < text.size() && is_word_char(text[n])) ++n;
    return n;
}

// A name's first character that is not `_` must be a letter: `_x` is one, `_` and `_1` are not.
[[nodiscard]] constexpr bool well_formed_name(std::string_view word) noexcept {
    const auto first = word.find_first_not_of('_');
    return first != std::string_view::npos && !is_digit(word[first]);
}

}  // namespace sluice::grammar::vsl
