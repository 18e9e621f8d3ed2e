#include "dsl/lib/text_case.hpp"

#include <clocale>
#include <cwctype>

#include "dsl/value/operations.hpp"

namespace sluice::dsl::lib {

namespace {

locale_t utf8_locale() {
    static const locale_t locale = [] {
        auto made = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
        return made ? made : newlocale(LC_CTYPE_MASK, "C", nullptr);
    }();
    return locale;
}

}  // namespace

char32_t upper_char(char32_t c) noexcept {
    if (c < 0x80) return c >= 'a' && c <= 'z' ? c - 32 : c;
    return static_cast<char32_t>(towupper_l(static_cast<wint_t>(c), utf8_locale()));
}
char32_t lower_char(char32_t c) noexcept {
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return static_cast<char32_t>(towlower_l(static_cast<wint_t>(c), utf8_locale()));
}

// The two cases where a character alone does not tell: ß has no upper case of one letter, and Σ ends a word as ς.
std::string upper_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto c = decode_char(text, at);
        if (c == U'ß')
            out += "SS";
        else
            append_char(out, upper_char(c));
    }
    return out;
}

std::string lower_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    const auto letter = [](char32_t c) { return upper_char(c) != lower_char(c); };
    bool in_word = false;
    for (std::size_t at = 0; at < text.size();) {
        const auto c = decode_char(text, at);
        auto ahead = at;
        const bool ends = at == text.size() || !letter(decode_char(text, ahead));
        append_char(out, c == U'Σ' && in_word && ends ? U'ς' : lower_char(c));
        in_word = letter(c);
    }
    return out;
}

}  // namespace sluice::dsl::lib
