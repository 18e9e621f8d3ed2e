#include "dsl/ast/scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "dsl/source/utf8.hpp"

namespace sluice::dsl::ast {

using vsl::Fault;
using vsl::SymbolClass;
using vsl::WordClass;

namespace {

// Blanks before the first character of the line of `at`; of a `}` that is first in its line, how far right it stands.
std::uint32_t indentation(std::string_view text, std::uint32_t at) {
    const auto line = text.substr(0, at).rfind('\n');
    const auto begin = line == std::string_view::npos ? 0 : line + 1;
    auto end = begin;
    while (end < at && (text[end] == ' ' || text[end] == '\t')) ++end;
    return static_cast<std::uint32_t>(end - begin);
}

}  // namespace

Scene::Scene(const Unexpected& fault, const FaultPlace& place, SourcePtr source)
    : expected(fault.expected),
      at(fault.at),
      token_end(place.token_end),
      found(token_at(source->text(), fault.at)),
      source_(std::move(source)),
      text_(source_->text()),
      literal_begin_(place.literal_begin),
      directives_(place.directives) {
    Scanner scanner(text_, place.statement_begin);
    for (Token t = scanner.next(); t.kind != TokenKind::end && t.span.begin < at; t = scanner.next()) {
        tokens_.push_back(t);
        if (text_of(t.span) == "}" && !open_.empty() && scanner.open().size() < open_.size()) {
            const auto left = indentation(text_, t.span.begin);
            const bool first =
                text_.substr(t.span.begin - left, left).find_first_not_of(" \t") == std::string_view::npos;
            if (first && left < indentation(text_, open_.back().span.begin))
                misaligned_.push_back({open_.back().span, t.span});
        }
        open_ = scanner.open();
    }
}

std::optional<Diagnostic> Scene::unclosed_by_indentation() const {
    const Bracket* open = innermost();
    if (open == nullptr || open->closes_with != '}') return std::nullopt;
    for (const auto& pair : misaligned_) {
        if (pair.open.begin < open->span.begin) continue;
        return say_at(pair.open, Code::unclosed_bracket, "this `{` is not closed",
                      fmt::format("the `}}` in line {} closes it, but stands further left: a `}}` is missing before it",
                                  source_->position(pair.close.begin).line));
    }
    return std::nullopt;
}

bool Scene::after_stage_map() const {
    return directives_ && open_.empty() && !tokens_.empty() && text_of(tokens_.front().span) == "#{" && after_brace();
}

Diagnostic Scene::say(Code code, std::string message, std::string hint) const {
    return say_at(found.span, code, std::move(message), std::move(hint));
}

Diagnostic Scene::say_at(Span span, Code code, std::string message, std::string hint) const {
    return {code, source_, span, std::move(message), std::move(hint)};
}

bool Scene::is(std::string_view symbol) const {
    return found.kind == TokenKind::symbol && found.symbol->text == symbol;
}

std::string Scene::found_text() const {
    switch (found.kind) {
        case TokenKind::end: return "the end of the script";
        case TokenKind::string: return "a string";
        case TokenKind::character: return "a character";
        case TokenKind::template_open: return "a back-tick string";
        default: break;
    }
    constexpr std::size_t longest = 40;
    const std::string_view text = raw();
    return text.size() <= longest ? fmt::format("`{}`", text) : fmt::format("`{}…`", text.substr(0, longest));
}

Span Scene::previous_span() const { return tokens_.empty() ? Span{at, at} : tokens_.back().span; }

// Does what stands before the error end a value, so that an operator or the end of something should follow?
bool Scene::after_value() const {
    if (tokens_.empty()) return false;
    const Token& last = tokens_.back();
    const std::string_view text = text_of(last.span);
    switch (last.kind) {
        case TokenKind::word: {
            const auto word = vsl::classify(text);
            return text == "true" || text == "false" || (word != WordClass::keyword && word != WordClass::operator_);
        }
        case TokenKind::number:
        case TokenKind::string:
        case TokenKind::character:
        case TokenKind::template_close: return true;
        case TokenKind::symbol: return text == ")" || text == "]" || text == "}";
        default: return false;
    }
}

bool Scene::value_starts() const {
    switch (found.kind) {
        case TokenKind::word: {
            const auto word = word_class();
            constexpr std::array<std::string_view, 10> starts{"true", "false", "if",  "switch", "while",
                                                              "loop", "do",    "for", "let",    "const"};
            return word == WordClass::keyword ? std::find(starts.begin(), starts.end(), raw()) != starts.end()
                                              : word != WordClass::operator_;
        }
        case TokenKind::number:
        case TokenKind::string:
        case TokenKind::character:
        case TokenKind::template_open: return true;
        case TokenKind::symbol: return is("(") || is("[") || is("{") || is("#{") || is("!") || is("|") || is("||");
        default: return false;
    }
}

bool Scene::directive_starts() const {
    if (!directives_ || found.kind != TokenKind::word || (raw() != "rule" && raw() != "action" && raw() != "delegate"))
        return false;
    const Token next = token_at(text_, skip_blanks(text_, found.span.end));
    return next.kind == TokenKind::string || next.kind == TokenKind::template_open || raw() == "delegate";
}

// Stands the error after `let NAME` or `const NAME`?
bool Scene::declares() const {
    if (tokens_.size() < 2) return false;
    const std::string_view word = text_of(tokens_[tokens_.size() - 2].span);
    return word == "let" || word == "const";
}

bool Scene::in_map_key() const {
    // The last token is the back-tick itself.
    if (tokens_.size() < 2) return false;
    const std::string_view before = text_of(tokens_[tokens_.size() - 2].span);
    return before == "#{" || before == ",";
}

std::string_view Scene::base_of_dot() const {
    const bool named = tokens_.size() >= 2 && tokens_[tokens_.size() - 2].kind == TokenKind::word;
    return named ? text_of(tokens_[tokens_.size() - 2].span) : "m";
}

std::string_view Scene::word_before_bracket() const {
    if (open_.empty()) return {};
    const auto bracket = std::find_if(tokens_.begin(), tokens_.end(),
                                      [&](const Token& t) { return t.span.begin == open_.back().span.begin; });
    return bracket == tokens_.begin() || bracket == tokens_.end() ? std::string_view() : text_of((bracket - 1)->span);
}

// Words that other languages, vSMTP 1 among them, use at the start of a statement.
std::string Scene::foreign_word_hint() const {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> words{{
        {"function", "a function is written fn name(…) { … }"},
        {"func", "a function is written fn name(…) { … }"},
        {"def", "a function is written fn name(…) { … }"},
        {"foreach", "write for x in …"},
        {"mut", "every variable declared with let can change"},
        {"unless", "write if !condition"},
        {"object", "declarations of vSMTP 1 are gone; write const name = ip4(\"…\"), address(\"…\"), …"},
        {"service", "declarations of vSMTP 1 are gone; write const name = cmd::build(#{ … }), …"},
    }};
    if (previous_text() == "f" && (found.kind == TokenKind::string || found.kind == TokenKind::character))
        return "a text with values in it stands between back-ticks: `... ${value} ...`";
    for (const auto& [word, hint] : words) {
        if (previous_text() == word || raw() == word) return std::string(hint);
    }
    if (is("=>")) return "a closure is written |x| …";
    return {};
}

}  // namespace sluice::dsl::ast
