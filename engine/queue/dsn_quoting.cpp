#include "engine/queue/dsn_quoting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstdint>

#include "dsl/value/operations.hpp"
#include "engine/base/limits.hpp"
#include "engine/mail/charset.hpp"
#include "engine/mail/field_text.hpp"

namespace sluice::queue::dsn {
namespace {

constexpr std::size_t kEncodedLine = 76;  // RFC 2045 6.7 rule 5
constexpr std::size_t kBlanks = 100;      // of a run of them: with limits::dsn_word behind them still one line

struct Character {
    char32_t code;
    std::size_t size;
};

// Precondition: `text` is valid UTF-8 and not empty.
Character first_of(std::string_view text) {
    std::size_t size = 0;
    const char32_t code = dsl::decode_char(text, size);
    return {code, size};
}

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7F && code < 0xA0); }

std::string code_point(char32_t code) { return fmt::format("\\x{{{:02X}}}", static_cast<std::uint32_t>(code)); }

}  // namespace

bool is_international(std::string_view text) noexcept { return !is_ascii(text) && mail::is_utf8(text); }

std::string_view beginning(std::string_view text, std::size_t most) noexcept {
    if (text.size() <= most) return text;
    const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80; };
    std::size_t end = most;
    while (end > 0 && most - end < 4 && continues(end)) --end;
    return text.substr(0, continues(end) ? most : end);
}

std::string one_line(std::string_view text, std::size_t most, Charset charset) {
    const std::string utf8 = mail::to_utf8(beginning(text, most), "us-ascii");
    std::string out;
    std::size_t word = 0;
    std::size_t blanks = 0;  // in front of it: a line can be folded only before the first of them
    for (std::string_view rest = utf8; !rest.empty();) {
        const Character next = first_of(rest);
        const std::string_view as_it_is = rest.substr(0, next.size);
        rest.remove_prefix(next.size);
        if (next.code == '\r' || next.code == '\n' || next.code == '\t' || next.code == ' ') {
            const bool shown = next.code == ' ' ? blanks < kBlanks : blanks == 0;
            if (shown && !out.empty()) out += ' ', ++blanks;
            word = 0;
            continue;
        }
        const std::string shown = is_control(next.code)                            ? "?"
                                  : next.code >= 0x80 && charset == Charset::ascii ? code_point(next.code)
                                                                                   : std::string(as_it_is);
        if (word + shown.size() > limits::dsn_word) {
            out += ' ';
            word = 0;
        }
        out += shown;
        word += shown.size();
        blanks = 0;
    }
    while (out.ends_with(' ')) out.pop_back();
    if (text.size() > most) out += " ...";
    return out;
}

std::string decode_code_points(std::string_view address) {
    constexpr std::string_view opening = "\\x{";
    std::string out;
    while (!address.empty()) {
        const std::size_t begin = std::min(address.find(opening), address.size());
        out += address.substr(0, begin);
        address.remove_prefix(begin);
        if (address.empty()) break;
        const char* const digits = address.data() + opening.size();
        const char* const last = address.data() + address.size();
        std::uint32_t code = 0;
        const auto [end, error] = std::from_chars(digits, last, code, 16);
        const bool closed = error == std::errc{} && end != last && *end == '}';
        if (!closed || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) || is_control(code)) {
            out += opening;
            address.remove_prefix(opening.size());
            continue;
        }
        dsl::append_char(out, static_cast<char32_t>(code));
        address.remove_prefix(static_cast<std::size_t>(end + 1 - address.data()));
    }
    return out;
}

std::string encode_code_points(std::string_view utf8_address) {
    std::string out;
    for (std::string_view rest = utf8_address; !rest.empty();) {
        const Character next = first_of(rest);
        const bool plain = next.code < 0x80 && next.code != '+' && next.code != '=' && next.code != '\\';
        out += plain ? std::string(1, rest.front()) : code_point(next.code);
        rest.remove_prefix(next.size);
    }
    return out;
}

std::string quoted_printable(std::string_view text) {
    std::string out;
    std::size_t column = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 2) == "\r\n") {
            out += "\r\n";
            column = 0;
            ++i;
            continue;
        }
        const char c = text[i];
        const bool blank = c == ' ' || c == '\t';
        const bool ends_line = i + 1 == text.size() || text.substr(i + 1, 2) == "\r\n";
        const bool plain = (c > ' ' && c < 127 && c != '=') || (blank && !ends_line);
        const std::size_t size = plain ? 1 : 3;
        // One column is kept for the "=" of a soft line break.
        if (column + size > kEncodedLine - 1) {
            out += "=\r\n";
            column = 0;
        }
        if (plain) {
            out += c;
        } else {
            out += fmt::format("={:02X}", static_cast<unsigned char>(c));
        }
        column += size;
    }
    return out;
}

std::string field(std::string_view name, std::string_view value) {
    Result<std::string, mail::EditError> text = mail::field_text(name, value);
    assert(text.ok());
    return text.ok() ? *std::move(text) : std::string();
}

std::string free_boundary(std::string_view content, const std::function<std::string()>& make) {
    std::string boundary = make();
    while (content.find(boundary) != std::string_view::npos) boundary = make();
    return boundary;
}

}  // namespace sluice::queue::dsn
