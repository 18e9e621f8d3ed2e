#include "engine/smtp/reply.hpp"

#include <algorithm>
#include <charconv>

#include "engine/base/enhanced_code.hpp"
#include "engine/base/limits.hpp"

namespace sluice::smtp {
namespace {

// One to three digits; advances `text` behind them.
std::optional<std::uint16_t> take_number(std::string_view& text) {
    std::uint16_t value = 0;
    const char* const end = text.data() + std::min<std::size_t>(text.size(), 3);
    const auto [next, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(next - text.data()));
    return value;
}

struct Line {
    int code;
    std::optional<EnhancedCode> enhanced;
    std::string_view text;
};

std::optional<Line> parse_line(std::string_view text) {
    const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
    if (text.size() < 3 || !digit(0) || !digit(1) || !digit(2)) return std::nullopt;
    Line line{(text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0'), {}, {}};
    if (line.code < 100 || line.code > 599) return std::nullopt;
    text.remove_prefix(3);
    if (text.empty()) return line;
    if (text.front() != ' ' && text.front() != '-') return std::nullopt;
    text.remove_prefix(1);
    const std::string_view first_word = text.substr(0, text.find(' '));
    if ((line.enhanced = EnhancedCode::parse(first_word))) {
        text.remove_prefix(first_word.size());
        if (!text.empty()) text.remove_prefix(1);
    }
    line.text = text;
    return line;
}

// A reply must not carry what could pass for the end of a line.
void append_clean(std::string& out, std::string_view text) {
    const auto unclean = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; };
    const auto begin = out.size();
    out += text;
    std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), unclean, '?');
}

// The nearest place at or before `cut` that is not inside a UTF-8 sequence.
std::size_t whole_characters(std::string_view text, std::size_t cut) {
    while (cut > 1 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
    return cut;
}

// Length of the piece of `text` that fits into `room`: cut at a blank if there is one, never inside a UTF-8 sequence.
std::size_t piece_length(std::string_view text, std::size_t room) {
    if (text.size() <= room) return text.size();
    const std::size_t blank = text.rfind(' ', room);
    if (blank != std::string_view::npos && blank > 0) return blank;
    return whole_characters(text, room);
}

// Takes what fits into `room` from the front of `rest`, and the blank behind it. What follows never begins with what
// would be read as the enhanced status code of its line: the blank stays, or the cut moves.
std::string_view take_piece(std::string_view& rest, std::size_t room) {
    std::size_t length = piece_length(rest, room);
    std::string_view behind = rest.substr(length);
    if (behind.starts_with(' ')) {
        if (enhanced_code_length(behind.substr(1)) == 0) behind.remove_prefix(1);
    } else if (enhanced_code_length(behind) > 0) {
        length = whole_characters(rest, length - 1);
        behind = rest.substr(length);
    }
    const std::string_view piece = rest.substr(0, length);
    rest = behind;
    return piece;
}

}  // namespace

std::optional<EnhancedCode> EnhancedCode::parse(std::string_view text) {
    if (text.size() < 5 || (text[0] != '2' && text[0] != '4' && text[0] != '5') || text[1] != '.') return std::nullopt;
    EnhancedCode code;
    code.klass = static_cast<std::uint16_t>(text[0] - '0');
    text.remove_prefix(2);
    const auto subject = take_number(text);
    if (!subject || text.empty() || text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
    const auto detail = take_number(text);
    if (!detail || !text.empty()) return std::nullopt;
    code.subject = *subject;
    code.detail = *detail;
    return code;
}

std::string EnhancedCode::to_string() const {
    return std::to_string(klass) + '.' + std::to_string(subject) + '.' + std::to_string(detail);
}

std::optional<Reply> Reply::parse(std::string_view text) {
    Reply reply;
    bool first = true;
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    while (true) {
        const std::size_t end = text.find('\n');
        std::string_view one = text.substr(0, end);
        if (one.ends_with('\r')) one.remove_suffix(1);
        const auto line = parse_line(one);
        if (!line || line->text.find('\r') != std::string_view::npos) return std::nullopt;
        if (!first && (line->code != reply.code || line->enhanced != reply.enhanced)) return std::nullopt;
        reply.code = line->code;
        reply.enhanced = line->enhanced;
        reply.lines.emplace_back(line->text);
        first = false;
        if (end == std::string_view::npos) return reply;
        text.remove_prefix(end + 1);
    }
}

void Reply::print_to(std::string& out) const {
    const std::string number = std::to_string(code);
    const std::string extra = enhanced ? enhanced->to_string() + ' ' : std::string{};
    const std::size_t room = limits::reply_line - number.size() - 1 - extra.size() - 2;
    const auto put = [&](std::string_view piece, bool last) {
        out += number;
        out += last ? ' ' : '-';
        out += extra;
        append_clean(out, piece);
        out += "\r\n";
    };
    if (lines.empty()) return put({}, true);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::string_view rest = lines[i];
        do {
            const std::string_view piece = take_piece(rest, room);
            put(piece, rest.empty() && i + 1 == lines.size());
        } while (!rest.empty());
    }
}

std::string Reply::print() const {
    std::string out;
    out.reserve(lines.size() * 128);
    print_to(out);
    return out;
}

Reply extend(const Reply& first, const Reply& second) {
    Reply both = second;
    both.lines = first.lines;
    both.lines.insert(both.lines.end(), second.lines.begin(), second.lines.end());
    return both;
}

}  // namespace sluice::smtp
