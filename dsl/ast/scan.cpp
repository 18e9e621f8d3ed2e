#include "dsl/ast/scan.hpp"

#include <algorithm>

#include "dsl/source/utf8.hpp"
#include "grammar/vsl/tokens.hpp"

namespace sluice::dsl::ast {

namespace vsl = grammar::vsl;

namespace {

// End of a quoted token that begins at `at`; it ends at its line unless the line ends in a backslash.
Token quoted(std::string_view text, std::uint32_t at, TokenKind kind) {
    const char quote = text[at];
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
            if (i + 1 < text.size() && text[i] == '\r' && text[i + 1] == '\n') ++i;
        } else if (text[i] == '\n') {
            return {kind, {at, static_cast<std::uint32_t>(i)}, false};
        } else if (text[i] == quote) {
            if (i + 1 == text.size() || text[i + 1] != quote) {
                return {kind, {at, static_cast<std::uint32_t>(i + 1)}};
            }
            ++i;
        }
    }
    return {kind, {at, static_cast<std::uint32_t>(text.size())}, false};
}

std::uint32_t number_end(std::string_view text, std::uint32_t at) {
    std::size_t i = at;
    const auto run = [&] {
        while (i < text.size() && vsl::is_word_char(text[i])) ++i;
    };
    run();
    if (i + 1 < text.size() && text[i] == '.' && vsl::is_digit(text[i + 1])) {
        ++i;
        run();
    }
    return static_cast<std::uint32_t>(i);
}

}  // namespace

std::uint32_t skip_blanks(std::string_view text, std::uint32_t at) {
    std::size_t i = at;
    while (i < text.size()) {
        const char c = text[i];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            ++i;
        } else if (text.substr(i, 2) == "//") {
            i = std::min(text.find('\n', i), text.size());
        } else if (const auto length = vsl::block_comment_length(text.substr(i)); length != 0) {
            i += length;
        } else {
            break;
        }
    }
    return static_cast<std::uint32_t>(i);
}

Token token_at(std::string_view text, std::uint32_t at) {
    const auto size = static_cast<std::uint32_t>(text.size());
    if (at >= size) return {TokenKind::end, {size, size}};
    const char c = text[at];
    if (const auto n = vsl::word_length(text.substr(at)); n != 0) {
        return {TokenKind::word, {at, at + static_cast<std::uint32_t>(n)}};
    }
    if (vsl::is_digit(c)) return {TokenKind::number, {at, number_end(text, at)}};
    if (c == '"') return quoted(text, at, TokenKind::string);
    if (c == '\'') return quoted(text, at, TokenKind::character);
    if (c == '`') return {TokenKind::template_open, {at, at + 1}};
    if (text.substr(at, 2) == "/*") return {TokenKind::comment, {at, at + 2}, false};
    if (const auto* symbol = vsl::symbol_at(text.substr(at))) {
        return {TokenKind::symbol, {at, at + static_cast<std::uint32_t>(symbol->text.size())}, true, symbol};
    }
    const auto n = std::max<std::size_t>(1, utf8_sequence_length(text.substr(at)));
    return {TokenKind::invalid, {at, at + static_cast<std::uint32_t>(n)}};
}

Token Scanner::in_template() {
    for (std::size_t i = at_; i < text_.size(); ++i) {
        if (text_[i] == '`' && text_.substr(i, 2) == "``") {
            ++i;
        } else if (text_[i] == '`') {
            open_.pop_back();
            at_ = static_cast<std::uint32_t>(i + 1);
            return {TokenKind::template_close, {at_ - 1, at_}};
        } else if (text_.substr(i, 2) == "${") {
            at_ = static_cast<std::uint32_t>(i + 2);
            const Token token{TokenKind::interpolation, {at_ - 2, at_}};
            open_.push_back({'}', token.span});
            return token;
        }
    }
    lost_ = true;
    at_ = static_cast<std::uint32_t>(text_.size());
    return {TokenKind::end, {at_, at_}};
}

void Scanner::follow(const Token& token) {
    if (!token.complete) lost_ = true;
    if (token.kind == TokenKind::template_open) open_.push_back({'`', token.span});
    if (token.kind != TokenKind::symbol || token.symbol->text.empty()) return;
    // `(*` and `?[` open brackets too.
    for (const char c : token.symbol->text) {
        if (c == '(' || c == '[' || c == '{') {
            open_.push_back({c == '(' ? ')' : c == '[' ? ']' : '}', token.span});
        } else if (c == ')' || c == ']' || c == '}') {
            if (open_.empty() || open_.back().closes_with != c)
                lost_ = true;
            else
                open_.pop_back();
        }
    }
}

Token Scanner::next() {
    if (!open_.empty() && open_.back().closes_with == '`') return in_template();
    at_ = skip_blanks(text_, at_);
    const Token token = token_at(text_, at_);
    follow(token);
    at_ = token.span.end;
    return token;
}

}  // namespace sluice::dsl::ast
