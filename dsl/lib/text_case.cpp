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

template <class Convert>
std::string convert(std::string_view text, Convert one) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) append_char(out, one(decode_char(text, at)));
    return out;
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
std::string upper_text(std::string_view text) { return convert(text, upper_char); }
std::string lower_text(std::string_view text) { return convert(text, lower_char); }

}  // namespace sluice::dsl::lib
