// Tokens without a grammar: for wording a syntax error and for finding where to go on after it. Never fails; what is no
// token comes back as `invalid`.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "dsl/source/source_file.hpp"
#include "grammar/vsl/symbols.hpp"
#include "grammar/vsl/words.hpp"

namespace sluice::dsl::ast {

enum class TokenKind : std::uint8_t {
    end,
    word,
    number,
    string,
    character,
    template_open,  // ` opens a back-tick string
    template_close,
    interpolation,  // ${
    symbol,
    comment,  // one without an end; others are skipped
    invalid,  // a character that begins no token
};

struct Token {
    TokenKind kind;
    Span span;
    bool complete = true;                          // false: a string, character or comment without end
    const grammar::vsl::Symbol* symbol = nullptr;  // of a symbol
};

// The token that begins at `at`, where no blank stands.
[[nodiscard]] Token token_at(std::string_view text, std::uint32_t at);

struct Bracket {
    char closes_with;  // one of ) ] } `
    Span span;
};

// Walks over the tokens of a text and keeps the brackets that are open.
class Scanner {
  public:
    Scanner(std::string_view text, std::uint32_t from) : text_(text), at_(from) {}

    Token next();
    [[nodiscard]] const std::vector<Bracket>& open() const noexcept { return open_; }
    // A closing bracket that did not match, or a token without end, was seen: brackets mean nothing any more.
    [[nodiscard]] bool lost() const noexcept { return lost_; }

  private:
    Token in_template();
    void follow(const Token& token);

    std::string_view text_;
    std::uint32_t at_;
    std::vector<Bracket> open_;
    bool lost_ = false;
};

// First byte at or after `at` that is neither blank nor comment.
[[nodiscard]] std::uint32_t skip_blanks(std::string_view text, std::uint32_t at);

}  // namespace sluice::dsl::ast
