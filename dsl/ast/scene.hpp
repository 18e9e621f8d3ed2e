// The place of a syntax error: what explain.cpp asks about the text around it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/ast/explain.hpp"
#include "dsl/ast/scan.hpp"

namespace sluice::dsl::ast {

namespace vsl = grammar::vsl;

class Scene {
  public:
    Scene(const Unexpected& fault, const FaultPlace& place, SourcePtr source);

    const vsl::Expected expected;
    const std::uint32_t at;
    const std::uint32_t token_end;
    Token found;

    // Diagnostics at the token found, or elsewhere.
    [[nodiscard]] Diagnostic say(Code code, std::string message = {}, std::string hint = {}) const;
    [[nodiscard]] Diagnostic say_at(Span span, Code code, std::string message = {}, std::string hint = {}) const;

    [[nodiscard]] Diagnostic say_reserved() const;

    // Whole groups of slips; nothing if it is none of them.
    [[nodiscard]] std::optional<Diagnostic> literal_fault() const;   // inside a string, character, number
    [[nodiscard]] std::optional<Diagnostic> lexical_fault() const;   // no token at all, or a reserved symbol
    [[nodiscard]] std::optional<Diagnostic> bracket_fault() const;   // the end of the text, or a wrong closing bracket
    [[nodiscard]] std::optional<Diagnostic> misplaced_word() const;  // a word where an expression should begin
    [[nodiscard]] std::optional<Diagnostic> slip_after_value() const;  // `=`, `(`, `::`, `and` … after a complete value

    [[nodiscard]] std::string_view text_of(Span span) const { return source_->text(span); }
    [[nodiscard]] std::string_view raw() const { return text_of(found.span); }
    [[nodiscard]] bool is(std::string_view symbol) const;
    [[nodiscard]] vsl::WordClass word_class() const { return vsl::classify(raw()); }
    [[nodiscard]] std::string found_text() const;

    [[nodiscard]] Span previous_span() const;
    [[nodiscard]] std::string_view previous_text() const { return text_of(previous_span()); }
    // Where something is missing: directly after the last good token.
    [[nodiscard]] Span gap() const { return {token_end, token_end}; }
    [[nodiscard]] bool after_value() const;
    [[nodiscard]] bool value_starts() const;
    [[nodiscard]] bool directive_starts() const;
    [[nodiscard]] bool after_brace() const { return token_end > 0 && text_[token_end - 1] == '}'; }
    [[nodiscard]] static bool is_else_if(std::string_view word) {
        return word == "elif" || word == "elsif" || word == "elseif";
    }
    // The variable before a dot, or "m".
    [[nodiscard]] std::string_view base_of_dot() const;
    // The token before the innermost open bracket.
    [[nodiscard]] std::string_view word_before_bracket() const;
    [[nodiscard]] bool declares() const;
    [[nodiscard]] bool in_map_key() const;
    [[nodiscard]] std::string foreign_word_hint() const;
    // A `{` within the innermost open bracket whose `}` stands, by its indentation, for another one: the text after it
    // has one `}` too few.
    [[nodiscard]] std::optional<Diagnostic> unclosed_by_indentation() const;
    // The stage map has ended, and the script goes on.
    [[nodiscard]] bool after_stage_map() const;
    // The bracket that is open at the error, if the text before it is well-formed.
    [[nodiscard]] const Bracket* innermost() const { return open_.empty() ? nullptr : &open_.back(); }

  private:
    [[nodiscard]] Diagnostic symbol_fault() const;

    SourcePtr source_;
    std::string_view text_;
    std::uint32_t literal_begin_;
    bool directives_;
    std::vector<Token> tokens_;  // of the statement, up to the error
    std::vector<Bracket> open_;
    struct Closed {
        Span open;
        Span close;
    };
    std::vector<Closed> misaligned_;  // { ... } whose } stands further left than the line of its {
};

}  // namespace sluice::dsl::ast
