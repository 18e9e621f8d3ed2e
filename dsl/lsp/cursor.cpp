#include "dsl/lsp/cursor.hpp"

#include <algorithm>

#include "grammar/vsl/tokens.hpp"

namespace sluice::dsl::lsp {

namespace {

using ast::Token;
using ast::TokenKind;

// The comment in a gap between tokens that holds `offset`; at the end of `// …` one still writes in it.
bool in_comment(std::string_view text, std::uint32_t begin, std::uint32_t offset, Span& comment) {
    for (std::size_t i = begin; i < offset;) {
        std::size_t length = 1;
        const bool line = text.substr(i, 2) == "//";
        if (line) {
            length = std::min(text.find('\n', i), text.size()) - i;
        } else if (text.substr(i, 2) == "/*") {
            length = grammar::vsl::block_comment_length(text.substr(i));
            if (length == 0) length = text.size() - i;
        } else if (i + 1 == offset) {
            return false;
        } else {
            ++i;
            continue;
        }
        comment = {static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i + length)};
        if (offset < comment.end || (line && offset == comment.end)) return true;
        i += length;
    }
    return false;
}

void read_qualifier(std::string_view text, const std::vector<Token>& tokens, std::size_t word, Cursor& cursor) {
    const auto text_of = [&](std::size_t i) {
        return text.substr(tokens[i].span.begin, tokens[i].span.end - tokens[i].span.begin);
    };
    std::size_t i = word;
    while (i >= 2 && text_of(i - 1) == "::" && tokens[i - 2].kind == TokenKind::word) {
        cursor.qualifier.insert(cursor.qualifier.begin(), std::string(text_of(i - 2)));
        i -= 2;
    }
    if (i == 0) return;
    cursor.before = text_of(i - 1);
    cursor.member = cursor.before == "." || cursor.before == "?.";
}

}  // namespace

Cursor cursor_at(std::string_view text, std::uint32_t offset) {
    Cursor cursor;
    offset = std::min(offset, static_cast<std::uint32_t>(text.size()));
    ast::Scanner scanner(text, 0);
    std::vector<Token> tokens;
    std::uint32_t end = 0;
    for (;;) {
        const bool in_template = !scanner.open().empty() && scanner.open().back().closes_with == '`';
        const auto open = scanner.open();
        const auto token = scanner.next();
        const bool touches = token.kind == TokenKind::word ? token.span.end >= offset : token.span.end > offset;
        // A string ends with its line, a comment without end reaches to the end of the text.
        const bool unfinished_text = !token.complete && (token.span.end >= offset || token.kind == TokenKind::comment);
        if (token.kind != TokenKind::end && !touches && !unfinished_text) {
            tokens.push_back(token);
            end = token.span.end;
            continue;
        }
        cursor.open = open;
        if (in_template && token.span.begin >= offset) {
            cursor.where = Surroundings::template_text;
        } else if (token.span.begin >= offset || token.kind == TokenKind::end) {
            if (in_comment(text, end, offset, cursor.token)) cursor.where = Surroundings::comment;
        } else if (token.kind == TokenKind::string || token.kind == TokenKind::character) {
            cursor.where = Surroundings::string;
            cursor.token = token.span;
        } else if (token.kind == TokenKind::comment) {
            cursor.where = Surroundings::comment;
        }
        if (cursor.where != Surroundings::code) return cursor;
        if (token.kind == TokenKind::word && token.span.begin <= offset) {
            cursor.word = token.span;
            cursor.name = text.substr(token.span.begin, token.span.end - token.span.begin);
        }
        tokens.push_back(token);
        read_qualifier(text, tokens, tokens.size() - 1, cursor);
        return cursor;
    }
}

}  // namespace sluice::dsl::lsp
