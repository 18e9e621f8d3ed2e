// What each need<> of the grammar says when it fails: the kind of thing that was needed and, in words, what it is and
// what for. dsl/ast/explain.hpp makes a diagnostic of it by looking at what stands there instead.
#pragma once

#include <cstdint>

namespace sluice::grammar::vsl {

enum class Fault : std::uint8_t {
    value,  // an expression; `text` reads "after `=`"
    token,  // one token; `text` reads "`)` to close the parenthesis"
    entry_colon,
    body,  // `{`
    catch_word,
    loop_in,
    case_arrow,
    called_word,  // `(` after a word that can only be called
    list,         // `,` or the end of a list; `text` begins with "`,` or"
    parameters,   // the same of parameters
    semicolon,
    statement,   // a statement, or the end of what holds them
    single_end,  // the end of a text that is one expression
    variable,    // a name to declare
    property,    // a name after `.`
    segment,     // a name after `::`
    map_key,
    block_condition,  // a condition begins with `{`
    assigned_condition,
    case_label,
    case_separator,
    function_name,
    function_parameters,
    function_body,
    private_function,
    directive_name,
    interpolated_text,
    caller_scope,
    too_deep,
    string_end,
    character_text,
    character_end,
    template_end,
    escape,
    hex_escape,
    radix_digits,
};

struct Expected {
    Fault fault = Fault::token;
    const char* text = nullptr;
};

// Specialised in error_texts.hpp for every rule that stands in a need<>; one without an entry does not compile.
template <class Rule>
inline constexpr Expected expected{};

}  // namespace sluice::grammar::vsl
