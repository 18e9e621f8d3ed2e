// The slips that have a text of their own.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "dsl/ast/scene.hpp"
#include "dsl/source/utf8.hpp"

namespace sluice::dsl::ast {

using vsl::Fault;
using vsl::SymbolClass;
using vsl::WordClass;

namespace {

constexpr auto npos = std::string_view::npos;

std::uint32_t u32(std::size_t n) { return static_cast<std::uint32_t>(n); }

}  // namespace

// Errors inside a token: `at` is in the middle of it.
std::optional<Diagnostic> Scene::literal_fault() const {
    const bool at_line_end = at >= text_.size() || text_[at] == '\n' || text_[at] == '\r';
    const auto scalar =
        u32(std::max<std::size_t>(1, utf8_sequence_length(text_.substr(std::min<std::size_t>(at, text_.size())))));
    switch (expected.fault) {
        case Fault::string_end: return say_at({literal_begin_, at}, Code::unterminated_string);
        case Fault::escape:
            if (at_line_end) {
                return say_at({literal_begin_, at},
                              text_[literal_begin_] == '"' ? Code::unterminated_string : Code::unterminated_character);
            }
            return say_at(
                {at - 1, at + scalar}, Code::unknown_escape,
                fmt::format("unknown escape sequence `{}` {}", text_of({at - 1, at + scalar}), expected.text));
        case Fault::hex_escape: {
            std::uint32_t end = at;  // of the digits; `\x` stands before them
            while (end < text_.size() && end < at + 8 && std::isxdigit(static_cast<unsigned char>(text_[end])) != 0)
                ++end;
            return say_at({at - 2, end}, Code::malformed_escape, expected.text);
        }
        case Fault::character_text:
            if (at_line_end) return say_at({literal_begin_, at}, Code::unterminated_character);
            return say_at({literal_begin_, at + 1}, Code::empty_character);
        case Fault::character_end: {
            const auto line_end = std::min(text_.find('\n', at), text_.size());
            const auto close = text_.find('\'', at);
            if (close == npos || close > line_end) return say_at({literal_begin_, at}, Code::unterminated_character);
            return say_at({literal_begin_, u32(close + 1)}, Code::long_character, {},
                          fmt::format("a string stands between double quotes: \"{}\"",
                                      text_.substr(literal_begin_ + 1, close - literal_begin_ - 1)));
        }
        case Fault::template_end:
            if (const Bracket* open = innermost(); open != nullptr)
                return say_at(open->span, Code::unterminated_template);
            return say_at({at, at}, Code::unterminated_template);
        case Fault::radix_digits: {
            std::uint32_t begin = std::min(at, u32(text_.size()));
            while (begin > 0 && vsl::is_word_char(text_[begin - 1])) --begin;
            std::uint32_t end = at;
            while (end < text_.size() && vsl::is_word_char(text_[end])) ++end;
            return say_at({begin, end}, Code::malformed_number, expected.text);
        }
        case Fault::interpolated_text:
        case Fault::caller_scope:
        case Fault::too_deep: return std::nullopt;
        default: return std::nullopt;
    }
}

Diagnostic Scene::symbol_fault() const {
    const vsl::Symbol& symbol = *found.symbol;
    std::string hint(symbol.hint);
    if (symbol.text == "#") hint = "a comment begins with //, a map with #{";
    const bool operand = expected.fault == Fault::value || expected.fault == Fault::statement || !after_value();
    if (symbol.text == "===" || symbol.text == "!==") {
        return say(Code::identity_operator, fmt::format("there is no operator `{}`", symbol.text), hint);
    }
    if (symbol.symbol_class == SymbolClass::foreign) {
        return say(Code::foreign_symbol, fmt::format("`{}` belongs to another language", symbol.text), hint);
    }
    if (operand) return say(Code::reserved_symbol, fmt::format("`{}` is reserved", symbol.text), hint);
    if (symbol.text == "++" || symbol.text == "--") {
        return say(Code::increment_operator, fmt::format("there is no operator `{}`", symbol.text), hint);
    }
    if (symbol.text == "?") return say(Code::ternary_operator);
    return say(Code::unknown_operator, fmt::format("there is no operator `{}`", symbol.text), hint);
}

std::optional<Diagnostic> Scene::lexical_fault() const {
    switch (expected.fault) {
        case Fault::interpolated_text:
        case Fault::caller_scope:
        case Fault::too_deep: return std::nullopt;
        default: break;
    }
    switch (found.kind) {
        case TokenKind::comment: return say(Code::unterminated_comment);
        case TokenKind::invalid: {
            const std::string_view c = raw();
            const bool control = c.size() == 1 && (static_cast<unsigned char>(c[0]) < 0x20 || c[0] == 0x7F);
            return say(
                Code::invalid_character,
                control ? fmt::format("control character {:#04x} outside strings and comments", static_cast<int>(c[0]))
                        : fmt::format("`{}` has no meaning outside strings and comments", c));
        }
        case TokenKind::word:
            if (!vsl::well_formed_name(raw()))
                return say(Code::malformed_name, fmt::format("`{}` is not a well-formed name", raw()));
            return std::nullopt;
        case TokenKind::symbol: break;
        default: return std::nullopt;
    }
    if (is(".") && !after_value() && found.span.end < text_.size() && vsl::is_digit(text_[found.span.end])) {
        return say(Code::leading_dot);
    }
    if (is("*") && at > 0 && text_[at - 1] == '(' && !after_value()) {
        const Span both{at - 1, at + 1};
        return say_at(both, Code::foreign_symbol, "`(*` belongs to another language", "comments are written /* … */");
    }
    const auto symbol_class = found.symbol->symbol_class;
    if (symbol_class == SymbolClass::reserved || symbol_class == SymbolClass::foreign) return symbol_fault();
    return std::nullopt;
}

std::optional<Diagnostic> Scene::bracket_fault() const {
    const Bracket* open = innermost();
    if (found.kind == TokenKind::end) {
        if (open == nullptr) return std::nullopt;
        if (auto inner = unclosed_by_indentation()) return inner;
        return say_at(open->span, Code::unclosed_bracket, fmt::format("`{}` is not closed", text_of(open->span)),
                      fmt::format("expected {}", expected.text));
    }
    if (!is(")") && !is("]") && !is("}")) return std::nullopt;
    if (open == nullptr)
        return say(Code::unopened_bracket, fmt::format("`{}` closes nothing", raw()),
                   "remove it, or look for the bracket that should have been opened before");
    if (open->closes_with == raw().front()) return std::nullopt;
    if (auto inner = unclosed_by_indentation()) return inner;
    const Position opened = source_->position(open->span.begin);
    return say(Code::wrong_bracket,
               fmt::format("expected `{}` to close `{}` of line {}, column {}; found `{}`", open->closes_with,
                           text_of(open->span), opened.line, opened.column, raw()),
               fmt::format("a `{}` is missing before it, or one bracket is too many", open->closes_with));
}

Diagnostic Scene::say_reserved() const {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> hints{{
        {"var", "variables are declared with let"},
        {"static", "constants are declared with const"},
        {"null", "the empty value is written ()"},
        {"nil", "the empty value is written ()"},
        {"void", "the empty value is written ()"},
        {"match", "write switch"},
        {"new", "objects are made by calling a function"},
        {"exit", "leave a function with return"},
    }};
    const auto* hint = std::find_if(hints.begin(), hints.end(), [&](const auto& h) { return h.first == raw(); });
    return say(Code::reserved_word, fmt::format("`{}` is reserved and cannot be a name", raw()),
               hint == hints.end() ? std::string() : std::string(hint->second));
}

std::optional<Diagnostic> Scene::misplaced_word() const {
    if (found.kind != TokenKind::word) return std::nullopt;
    const std::string_view word = raw();
    switch (word_class()) {
        case WordClass::name: return std::nullopt;
        case WordClass::reserved: return say_reserved();
        case WordClass::disabled: return say(Code::eval_disabled);
        case WordClass::operator_:
            if (word == "is") return say(Code::missing_operand, "`is` has no left side");
            return say(previous_text() == "is" ? Code::is_not : Code::prefix_not);
        case WordClass::keyword: break;
        default: return std::nullopt;
    }
    if (word == "in") {
        if (previous_text() == "not") return say(Code::not_in_words);
        return say(Code::missing_operand, "`in` has no left side");
    }
    if (word == "else") return say(Code::else_without_if);
    if (expected.fault == Fault::statement) return std::nullopt;
    if (word == "try") return say(Code::try_as_value);
    for (const std::string_view statement :
         {"let", "const", "import", "export", "break", "continue", "return", "throw"}) {
        if (word == statement)
            return say(Code::statement_as_value, fmt::format("`{}` is a statement and has no value", word));
    }
    if (word == "fn" || word == "private") {
        return say(Code::statement_as_value, "a function definition has no value",
                   "a function without a name is a closure: |x| …");
    }
    return std::nullopt;
}

std::optional<Diagnostic> Scene::slip_after_value() const {
    if (found.kind == TokenKind::symbol && found.symbol->symbol_class == SymbolClass::assignment) {
        return say(Code::assignment_as_value, {}, is("=") ? "" : "make it a statement of its own");
    }
    if (!after_value()) return std::nullopt;
    if (directives_ && value_starts() && (previous_text() == "rule" || previous_text() == "action")) {
        return say(Code::directive_name_expected, fmt::format("the name of the {} must be a string", previous_text()));
    }
    if (is("(")) return say(Code::call_of_value);
    if (is("::")) return say(Code::qualified_property);
    const std::string_view word = raw();
    if (found.kind == TokenKind::word && (word == "and" || word == "or" || word == "xor")) {
        return say(Code::word_operator, fmt::format("`{}` is not an operator", word),
                   word == "and"  ? "write &&"
                   : word == "or" ? "write ||"
                                  : "write ^");
    }
    if (found.kind == TokenKind::word && is_else_if(word)) {
        return say(Code::else_if_word, fmt::format("there is no `{}`", word));
    }
    return std::nullopt;
}

}  // namespace sluice::dsl::ast
