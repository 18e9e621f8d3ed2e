#include "engine/mail/header_lines.hpp"

#include <algorithm>

namespace sluice::mail {

Line line_at(std::string_view bytes, std::size_t begin) noexcept {
    const std::size_t lf = bytes.find('\n', begin);
    if (lf == std::string_view::npos) return {begin, bytes.size(), bytes.size()};
    return {begin, lf > begin && bytes[lf - 1] == '\r' ? lf - 1 : lf, lf + 1};
}

std::string_view without_line_end(std::string_view text) noexcept {
    if (!text.ends_with('\n')) return text;
    text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
    return text;
}

bool equal_names(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::optional<FieldStart> field_start(std::string_view line) noexcept {
    std::size_t at = 0;
    while (at < line.size() && is_ftext(line[at])) ++at;
    const std::size_t name_size = at;
    while (at < line.size() && is_blank(line[at])) ++at;
    if (name_size == 0 || at == line.size() || line[at] != ':') return std::nullopt;
    return FieldStart{name_size, at + 1};
}

std::size_t field_end(std::string_view bytes, const Line& first) noexcept {
    std::size_t end = first.end;
    while (end < bytes.size() && is_blank(bytes[end])) end = line_at(bytes, end).end;
    return end;
}

std::string_view header_section(std::string_view message) noexcept {
    std::size_t end = 0;
    while (end < message.size()) {
        const Line line = line_at(message, end);
        if (!field_start(message.substr(line.begin, line.text_end - line.begin))) break;
        end = field_end(message, line);
    }
    return message.substr(0, end);
}

}  // namespace sluice::mail
