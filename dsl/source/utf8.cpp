#include "dsl/source/utf8.hpp"

#include <cstdint>

namespace sluice::dsl {

namespace {

struct Form {
    std::size_t length;
    unsigned char second_low;  // bounds of the second byte: they exclude overlong forms and surrogates
    unsigned char second_high;
};

Form form_of(unsigned char lead) noexcept {
    if (lead < 0x80) return {1, 0, 0};
    if (lead < 0xC2) return {0, 0, 0};
    if (lead < 0xE0) return {2, 0x80, 0xBF};
    if (lead == 0xE0) return {3, 0xA0, 0xBF};
    if (lead == 0xED) return {3, 0x80, 0x9F};
    if (lead < 0xF0) return {3, 0x80, 0xBF};
    if (lead == 0xF0) return {4, 0x90, 0xBF};
    if (lead < 0xF4) return {4, 0x80, 0xBF};
    if (lead == 0xF4) return {4, 0x80, 0x8F};
    return {0, 0, 0};
}

unsigned char byte(std::string_view text, std::size_t i) noexcept { return static_cast<unsigned char>(text[i]); }

}  // namespace

std::size_t utf8_sequence_length(std::string_view text) noexcept {
    if (text.empty()) return 0;
    const Form form = form_of(byte(text, 0));
    if (form.length < 2) return form.length;
    if (text.size() < form.length) return 0;
    if (byte(text, 1) < form.second_low || byte(text, 1) > form.second_high) return 0;
    for (std::size_t i = 2; i < form.length; ++i) {
        if ((byte(text, i) & 0xC0) != 0x80) return 0;
    }
    return form.length;
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t n = byte(text, i) < 0x80 ? 1 : utf8_sequence_length(text.substr(i, 4));
        if (n == 0) return i;
        i += n;
    }
    return std::nullopt;
}

std::size_t count_scalars(std::string_view text) noexcept {
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++count) {
        const std::size_t n = byte(text, i) < 0x80 ? 1 : utf8_sequence_length(text.substr(i, 4));
        i += n == 0 ? 1 : n;
    }
    return count;
}

void append_utf8(std::string& to, char32_t scalar) {
    const auto c = static_cast<std::uint32_t>(scalar);
    const auto continuation = [&](unsigned shift) { to += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
    if (c < 0x80) {
        to += static_cast<char>(c);
    } else if (c < 0x800) {
        to += static_cast<char>(0xC0 | (c >> 6));
        continuation(0);
    } else if (c < 0x10000) {
        to += static_cast<char>(0xE0 | (c >> 12));
        continuation(6);
        continuation(0);
    } else {
        to += static_cast<char>(0xF0 | (c >> 18));
        continuation(12);
        continuation(6);
        continuation(0);
    }
}

char32_t first_scalar(std::string_view text) noexcept {
    const std::size_t n = utf8_sequence_length(text);
    if (n <= 1) return byte(text, 0);
    auto c = static_cast<char32_t>(byte(text, 0) & (0x7F >> n));
    for (std::size_t i = 1; i < n; ++i) c = (c << 6) | (byte(text, i) & 0x3F);
    return c;
}

}  // namespace sluice::dsl
