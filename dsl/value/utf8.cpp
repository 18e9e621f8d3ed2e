// Characters of strings: positions count Unicode scalars, storage is UTF-8.
#include <cstring>

#include "dsl/value/operations.hpp"

namespace sluice::dsl {

namespace {
bool continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }
}  // namespace

std::size_t char_count(std::string_view text) noexcept {
    std::size_t count = 0;
    for (const char c : text) count += !continuation(c);
    return count;
}

std::size_t char_offset(std::string_view text, std::size_t n) noexcept {
    std::size_t at = 0;
    while (n > 0 && at < text.size()) {
        ++at;
        while (at < text.size() && continuation(text[at])) ++at;
        --n;
    }
    return at;
}

char32_t decode_char(std::string_view text, std::size_t& at) noexcept {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) return text[at++];
    const std::size_t extra = lead >= 0xf5 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : 0;
    if (extra == 0 || at + extra >= text.size()) {
        ++at;
        return 0xfffd;
    }
    char32_t c = lead & (0x3fu >> extra);
    for (std::size_t i = 1; i <= extra; ++i) {
        if (!continuation(text[at + i])) {
            ++at;
            return 0xfffd;
        }
        c = c << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3f);
    }
    // Overlong forms, surrogates and what lies beyond Unicode are no characters either.
    static constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (c < least[extra] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff) {
        ++at;
        return 0xfffd;
    }
    at += extra + 1;
    return c;
}

std::size_t find_text(std::string_view text, std::string_view what, std::size_t from) noexcept {
    if (from > text.size()) return std::string_view::npos;
    if (what.empty()) return from;
    // The thread sanitizer's memmem reads the whole rest at each call, its memchr only up to the hit.
    if (what.size() == 1) return text.find(what.front(), from);
    const auto* hit = memmem(text.data() + from, text.size() - from, what.data(), what.size());
    return hit ? static_cast<std::size_t>(static_cast<const char*>(hit) - text.data()) : std::string_view::npos;
}

void append_utf8(const Bytes& bytes, std::string& out) {
    const std::string_view raw(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    for (std::size_t at = 0; at < raw.size();) append_char(out, decode_char(raw, at));
}

void append_char(std::string& out, char32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xc0 | c >> 6);
        out += static_cast<char>(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xe0 | c >> 12);
        out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (c & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | c >> 18);
        out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
        out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (c & 0x3f));
    }
}

Part part_of(std::int64_t start, std::int64_t length, std::size_t size) noexcept {
    const auto n = static_cast<std::int64_t>(size);
    if (start < 0) start = start < -n ? 0 : n + start;
    if (start >= n || length <= 0) return {static_cast<std::size_t>(start >= n ? n : start), 0};
    if (length > n - start) length = n - start;
    return {static_cast<std::size_t>(start), static_cast<std::size_t>(length)};
}

Part part_of(const RangeObject& range, std::size_t size) noexcept {
    const auto start = range.start < 0 ? 0 : range.start;
    if (range.end < start) return part_of(start, 0, size);
    auto length = static_cast<std::uint64_t>(range.end) - static_cast<std::uint64_t>(start);
    if (range.inclusive) ++length;
    constexpr auto most = static_cast<std::uint64_t>(INT64_MAX);
    return part_of(start, static_cast<std::int64_t>(length > most ? most : length), size);
}

}  // namespace sluice::dsl
