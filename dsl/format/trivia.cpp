#include "dsl/format/trivia.hpp"

#include <algorithm>

#include "dsl/ast/scan.hpp"
#include "grammar/vsl/tokens.hpp"

namespace sluice::dsl::format {

namespace vsl = grammar::vsl;

namespace {

std::string_view without_blanks_at_end(std::string_view text) {
    const auto last = text.find_last_not_of(" \t\r\f\n");
    return text.substr(0, last + 1);
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

std::size_t digits(std::string_view text, std::size_t at) {
    while (at < text.size() && (vsl::is_digit(text[at]) || text[at] == '_')) ++at;
    return at;
}

// As `decimal_number` and `radix_number` of the grammar read it.
std::size_t number_end(std::string_view text, std::size_t at) {
    const auto here = [&](std::size_t i) { return i < text.size() ? text[i] : '\0'; };
    if (here(at) == '0' && (here(at + 1) | 0x20) != 'e' && vsl::is_word_start(here(at + 1)) && here(at + 1) != '_') {
        while (vsl::is_word_char(here(at))) ++at;
        return at;
    }
    at = digits(text, at);
    if (here(at) == '.') {
        const char next = here(at + 1);
        if (vsl::is_digit(next))
            at = digits(text, at + 1);
        else if (next != '.' && !vsl::is_word_start(next))
            ++at;
    }
    if ((here(at) | 0x20) == 'e') {
        const std::size_t sign = here(at + 1) == '+' || here(at + 1) == '-' ? 1 : 0;
        if (vsl::is_digit(here(at + 1 + sign))) at = digits(text, at + 1 + sign);
    }
    return at;
}

std::uint32_t template_end(std::string_view text, std::uint32_t at) {
    ast::Scanner scanner(text, at);
    for (;;) {
        const auto token = scanner.next();
        if (token.kind == ast::TokenKind::end || (scanner.open().empty() && !scanner.lost())) return token.span.end;
    }
}

}  // namespace

Trivia read_trivia(std::string_view text, std::uint32_t at) {
    Trivia trivia;
    std::vector<Comment> comments;
    std::size_t i = at;
    for (; i < text.size();) {
        if (is_blank(text[i])) {
            trivia.breaks += text[i] == '\n' ? 1 : 0;
            ++i;
            continue;
        }
        std::size_t length = 0;
        if (text.substr(i, 2) == "//")
            length = std::min(text.find('\n', i), text.size()) - i;
        else
            length = vsl::block_comment_length(text.substr(i));
        if (length == 0) break;
        comments.push_back({without_blanks_at_end(text.substr(i, length)), trivia.breaks, false,
                            !comments.empty() && trivia.breaks == 0});
        trivia.breaks = 0;
        i += length;
    }
    trivia.end = static_cast<std::uint32_t>(i);
    const bool last = i == text.size();
    for (std::size_t k = 0; k < comments.size(); ++k)
        comments[k].alone = k + 1 < comments.size() ? comments[k + 1].breaks_before != 0 : trivia.breaks != 0 || last;

    std::size_t beside = 0;
    if (at != 0) {
        while (beside < comments.size() && comments[beside].breaks_before == 0) ++beside;
        if (beside != 0 && !comments[beside - 1].alone) beside = 0;
    }
    const auto split = comments.begin() + static_cast<std::ptrdiff_t>(beside);
    trivia.trailing.assign(comments.begin(), split);
    trivia.leading.assign(split, comments.end());
    return trivia;
}

std::vector<std::string_view> all_comments(std::string_view text) {
    std::vector<std::string_view> found;
    const auto read = [&](std::uint32_t at) {
        const auto trivia = read_trivia(text, at);
        for (const auto& comment : trivia.trailing) found.push_back(comment.text);
        for (const auto& comment : trivia.leading) found.push_back(comment.text);
        return trivia.end;
    };
    std::uint32_t at = 0;
    if (text.starts_with("\xEF\xBB\xBF")) at = 3;
    if (text.substr(at, 2) == "#!") at = static_cast<std::uint32_t>(std::min(text.find('\n'), text.size()));
    for (at = read(at); at < text.size(); at = read(at)) {
        const auto length = vsl::is_digit(text[at]) ? number_end(text, at) - at : literal_length(text, at);
        at = length != 0 ? at + static_cast<std::uint32_t>(length) : std::max(at + 1, ast::token_at(text, at).span.end);
    }
    return found;
}

std::uint32_t literal_length(std::string_view text, std::uint32_t at) {
    if (at >= text.size()) return 0;
    const char c = text[at];
    if (c == '"' || c == '\'') return ast::token_at(text, at).span.end - at;
    if (c == '`') return template_end(text, at) - at;
    const std::size_t sign = c == '-' ? 1 : 0;
    if (at + sign >= text.size() || !vsl::is_digit(text[at + sign])) return 0;
    return static_cast<std::uint32_t>(number_end(text, at + sign)) - at;
}

}  // namespace sluice::dsl::format
