// The order of the questions: is the token itself ill-formed; is it a well-known slip; else what was needed and found.
#include "dsl/ast/explain.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/ast/scene.hpp"

namespace sluice::dsl::ast {

namespace {

using vsl::Fault;
using vsl::SymbolClass;
using vsl::WordClass;

Diagnostic explain_value(const Scene& s) {
    if (s.found.kind == TokenKind::end) {
        return s.say(Code::unexpected_end,
                     fmt::format("the script ends where an expression is needed {}", s.expected.text));
    }
    if (auto slip = s.misplaced_word()) return *slip;
    if (s.is(")") && s.previous_text() == "(" && s.found.span.begin > s.token_end) return s.say(Code::blank_unit);
    if (s.found.kind == TokenKind::symbol && (s.found.symbol->symbol_class == SymbolClass::binary)) {
        return s.say(Code::missing_operand, fmt::format("{} has no left side", s.found_text()));
    }
    std::string hint;
    if (s.is("=>") && (s.previous_text() == "||" || s.previous_text() == "|"))
        hint = "the body follows the bars directly: || state::next()";
    else if (s.is(":") && std::string_view(s.expected.text).find("directive") != std::string_view::npos)
        hint = "there is no `:` after the name: rule \"name\" || ...";
    return s.say(Code::unexpected_token,
                 fmt::format("expected an expression {}, found {}", s.expected.text, s.found_text()), std::move(hint));
}

std::string expected_and_found(const Scene& s) {
    return fmt::format("expected {}, found {}", s.expected.text, s.found_text());
}

Diagnostic explain_token(const Scene& s) {
    if (s.expected.fault == Fault::entry_colon) {
        return s.say(Code::missing_colon, expected_and_found(s), s.is("=") ? "write name: value in a map" : "");
    }
    if (s.expected.fault == Fault::called_word) {
        const std::string_view word = s.previous_text();
        return s.say_at(s.previous_span(), Code::uncalled_word, fmt::format("`{}` can only be called", word),
                        fmt::format("write {}(…); to use it as a value write |x| {}(x)", word, word));
    }
    const bool end = s.found.kind == TokenKind::end;
    if (auto bracket = s.bracket_fault(); bracket && !end) return *bracket;
    if (auto slip = s.slip_after_value()) return *slip;
    switch (s.expected.fault) {
        case Fault::body:
            if (s.previous_text() == "catch" && s.found.kind == TokenKind::word) return s.say(Code::catch_parentheses);
            return s.say(Code::missing_body, expected_and_found(s));
        case Fault::catch_word: return s.say(Code::missing_catch);
        case Fault::loop_in:
            return s.say(Code::missing_token, expected_and_found(s),
                         s.is(",") ? "two loop variables stand in parentheses: for (item, count) in …" : "");
        case Fault::case_arrow:
            if (s.is(",")) return s.say(Code::comma_in_label);
            if (s.is(":")) return s.say(Code::colon_after_label);
            break;
        default: break;
    }
    if (auto bracket = s.bracket_fault()) return *bracket;
    return s.say(Code::missing_token, expected_and_found(s));
}

Diagnostic explain_name(const Scene& s) {
    const auto word = s.word_class();
    if (s.found.kind == TokenKind::word) {
        if (word == WordClass::disabled) return s.say(Code::eval_disabled);
        if (word == WordClass::keyword) {
            return s.say(Code::keyword_as_name, fmt::format("`{}` is a keyword and cannot be a name", s.raw()),
                         s.raw() == "fn" ? "functions need no export: they are visible unless private" : "");
        }
        return s.say_reserved();
    }
    return s.say(Code::variable_expected, expected_and_found(s));
}

Diagnostic explain_list(const Scene& s) {
    if (auto bracket = s.bracket_fault()) return *bracket;
    if (auto slip = s.slip_after_value()) return *slip;
    if (s.expected.fault == Fault::parameters) {
        if (s.found.kind == TokenKind::word && s.word_class() != WordClass::name) return explain_name(s);
        if (!s.after_value()) return s.say(Code::missing_token, expected_and_found(s));
    }
    if (!s.after_value()) {
        if (auto slip = s.misplaced_word()) return *slip;
        std::string text = s.expected.text;  // "`,` or `]` …"
        text.replace(0, 3, "an expression");
        return s.say(Code::unexpected_token, fmt::format("expected {}, found {}", text, s.found_text()));
    }
    if (s.directive_starts()) return s.say_at(s.gap(), Code::missing_comma_directives);
    if (s.value_starts())
        return s.say_at(s.gap(), Code::missing_comma, fmt::format("expected {}", s.expected.text),
                        s.foreign_word_hint());
    return s.say(Code::missing_token, expected_and_found(s));
}

Diagnostic explain_map_key(const Scene& s) {
    if (auto bracket = s.bracket_fault()) return *bracket;
    const std::string_view before = s.previous_text();
    if (before != "#{" && before != ",") {
        if (auto slip = s.slip_after_value()) return *slip;
        if (s.value_starts()) return s.say_at(s.gap(), Code::missing_comma_map);
        return s.say(Code::missing_token, expected_and_found(s));
    }
    const auto word = s.word_class();
    if (word == WordClass::keyword || s.found.kind != TokenKind::word) {
        return s.say(Code::map_key_expected, fmt::format("{} cannot be the key of a map", s.found_text()),
                     word == WordClass::keyword ? fmt::format("write #{{\"{}\": …}}", s.raw()) : "");
    }
    return s.say(Code::reserved_property, fmt::format("`{}` is reserved and cannot be the key of a map", s.raw()),
                 fmt::format("write #{{\"{}\": …}}", s.raw()));
}

// Between statements, or where a block or the script should end.
Diagnostic explain_statement(const Scene& s) {
    if (auto bracket = s.bracket_fault()) return *bracket;
    if (s.raw() == "else") return s.say(Code::else_without_if);
    if ((s.is(".") || s.is("?.")) && s.after_brace()) {
        return s.say(Code::unexpected_token, "a statement that begins with a keyword or a brace ends at its `}`",
                     "put it in parentheses, or assign it to a variable first");
    }
    if (auto slip = s.misplaced_word()) return *slip;
    if (s.expected.fault == Fault::single_end) {
        if (auto slip = s.slip_after_value()) return *slip;
        return s.say(Code::unexpected_token,
                     fmt::format("one expression is allowed here; found {} after it", s.found_text()));
    }
    if (s.found.kind == TokenKind::symbol && s.found.symbol->symbol_class == SymbolClass::binary) {
        return s.say(Code::missing_operand, fmt::format("{} has no left side", s.found_text()));
    }
    if (s.is(",")) {
        if (auto unclosed = s.unclosed_by_indentation()) return *unclosed;
        if (const auto* brace = s.innermost(); brace != nullptr && s.text_of(brace->span) == "{" && s.after_brace())
            return s.say_at(brace->span, Code::unclosed_bracket, "this `{` is not closed",
                            "a `}` is missing before the `,` that follows the block");
    }
    return s.say(Code::unexpected_token, fmt::format("a statement cannot begin with {}", s.found_text()));
}

Diagnostic explain_semicolon(const Scene& s) {
    if (auto bracket = s.bracket_fault()) return *bracket;
    if (auto slip = s.slip_after_value()) return *slip;
    if (s.raw() == "else") return s.say(Code::else_without_if);
    if (s.is("=>") && s.word_before_bracket() == "switch") {
        return s.say(Code::missing_token, "a value is missing between `switch` and `{`");
    }
    if (s.is(":")) {
        if (s.declares()) return s.say(Code::type_annotation);
        if (const auto* brace = s.innermost(); brace != nullptr && s.text_of(brace->span) == "{") {
            return s.say_at(brace->span, Code::block_not_map);
        }
    }
    if (s.is_else_if(s.previous_text())) {
        return s.say_at(s.previous_span(), Code::else_if_word, fmt::format("there is no `{}`", s.previous_text()));
    }
    if (s.after_stage_map())
        return s.say(Code::unexpected_token,
                     fmt::format("the map of stages ends the script, but {} follows", s.found_text()),
                     "remove it, or move it before the map");
    return s.say_at(s.gap(), Code::missing_semicolon, {}, s.foreign_word_hint());
}

Diagnostic explain_property(const Scene& s) {
    const std::string name(s.raw());
    switch (s.found.kind == TokenKind::word ? s.word_class() : WordClass::name) {
        case WordClass::disabled: return s.say(Code::eval_disabled);
        case WordClass::keyword:
            return s.say(Code::property_expected, fmt::format("`{}` is a keyword and cannot be a property", name),
                         fmt::format("write {}[\"{}\"]", s.base_of_dot(), name));
        case WordClass::method:
            return s.say(Code::uncalled_word, fmt::format("`{}` can only be called", name),
                         fmt::format("write .{}(…)", name));
        case WordClass::callable:
            return s.say(Code::uncalled_word, fmt::format("`{}` is not a method", name),
                         fmt::format("write {}(…)", name));
        case WordClass::name: break;
        default:
            return s.say(Code::reserved_property, fmt::format("`{}` is reserved and cannot be a property", name),
                         fmt::format("write {}[\"{}\"]", s.base_of_dot(), name));
    }
    const bool number = s.found.kind == TokenKind::number;
    return s.say(Code::property_expected, expected_and_found(s), number ? "an element is read with a[0]" : "");
}

Diagnostic explain_case(const Scene& s) {
    if (auto bracket = s.bracket_fault()) return *bracket;
    if (s.expected.fault == Fault::case_separator) {
        if (auto slip = s.slip_after_value()) return *slip;
        if (s.is(";")) return s.say(Code::missing_case_comma, "cases are separated by `,`");
        return s.say_at(s.gap(), Code::missing_case_comma);
    }
    if (s.raw() == "default")
        return s.say(Code::reserved_word, "`default` is reserved", "the default case is written _ => …");
    if (s.raw() == "case") return s.say(Code::reserved_word, "`case` is reserved", "a case is written label => …");
    if (auto slip = s.misplaced_word()) return *slip;
    return s.say(Code::case_label_expected, expected_and_found(s));
}

Diagnostic explain_function(const Scene& s) {
    if (s.expected.fault == Fault::function_parameters) return s.say(Code::fn_missing_parameters);
    if (s.expected.fault == Fault::function_body) return s.say(Code::fn_missing_body);
    if (s.expected.fault == Fault::private_function) return s.say(Code::private_without_fn);
    if (s.found.kind == TokenKind::word && s.word_class() != WordClass::keyword) return explain_name(s);
    return s.say(Code::fn_missing_name,
                 s.found.kind == TokenKind::word
                     ? fmt::format("`{}` is a keyword and cannot be the name of a function", s.raw())
                     : std::string());
}

}  // namespace

Diagnostic explain(const Unexpected& fault, const FaultPlace& place, const SourcePtr& source) {
    const Scene s(fault, place, source);
    if (auto literal = s.literal_fault()) return *literal;
    if (auto lexical = s.lexical_fault()) return *lexical;
    switch (fault.expected.fault) {
        case Fault::value: return explain_value(s);
        case Fault::list:
        case Fault::parameters: return explain_list(s);
        case Fault::semicolon: return explain_semicolon(s);
        case Fault::statement:
        case Fault::single_end: return explain_statement(s);
        case Fault::variable:
        case Fault::segment: return explain_name(s);
        case Fault::property: return explain_property(s);
        case Fault::map_key: return explain_map_key(s);
        case Fault::block_condition: return s.say(Code::block_as_condition);
        case Fault::assigned_condition: return s.say(Code::assignment_in_condition);
        case Fault::case_label:
        case Fault::case_separator: return explain_case(s);
        case Fault::function_name:
        case Fault::function_parameters:
        case Fault::function_body:
        case Fault::private_function: return explain_function(s);
        case Fault::directive_name: return s.say(Code::directive_name_expected);
        case Fault::interpolated_text:
            return s.say_at({fault.at, fault.at + 2},
                            s.in_map_key() ? Code::map_key_interpolated : Code::directive_name_interpolated);
        case Fault::caller_scope: return s.say(Code::caller_scope_call);
        case Fault::too_deep:
            return s.say(Code::expression_too_deep, fmt::format("nested more than {} levels deep", place.depth_limit));
        default: return explain_token(s);
    }
}

}  // namespace sluice::dsl::ast
