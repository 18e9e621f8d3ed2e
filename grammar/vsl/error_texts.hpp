// The error text of each rule that stands in a need<>. A table, one rule a line.
#pragma once

#include "grammar/vsl/errors.hpp"
#include "grammar/vsl/grammar.hpp"

namespace sluice::grammar::vsl {

// clang-format off

// Lexis.
template <> inline constexpr Expected expected<hex_digits>{Fault::radix_digits, "`0x` needs digits 0-9, a-f"};
template <> inline constexpr Expected expected<octal_digits>{Fault::radix_digits, "`0o` needs digits 0-7"};
template <> inline constexpr Expected expected<binary_digits>{Fault::radix_digits, "`0b` needs digits 0 and 1"};
template <> inline constexpr Expected expected<two_hex>{Fault::hex_escape,
    "`\\x` needs exactly two hexadecimal digits"};
template <> inline constexpr Expected expected<four_hex>{Fault::hex_escape,
    "`\\u` needs exactly four hexadecimal digits"};
template <> inline constexpr Expected expected<eight_hex>{Fault::hex_escape,
    "`\\U` needs exactly eight hexadecimal digits"};
template <> inline constexpr Expected expected<string_escape>{Fault::escape, "in a string"};
template <> inline constexpr Expected expected<character_escape>{Fault::escape, "in a character"};
template <> inline constexpr Expected expected<close_string>{Fault::string_end, "`\"`"};
template <> inline constexpr Expected expected<character_text>{Fault::character_text,
    "a character between `'` and `'`"};
template <> inline constexpr Expected expected<close_character>{Fault::character_end, "`'`"};
template <> inline constexpr Expected expected<close_template>{Fault::template_end,
    "` at the end of the back-tick string"};
template <> inline constexpr Expected expected<no_interpolation>{Fault::interpolated_text, "plain text"};

// Expressions.
template <> inline constexpr Expected expected<group_value>{Fault::value, "in the parentheses"};
template <> inline constexpr Expected expected<index_value>{Fault::value, "as the index"};
template <> inline constexpr Expected expected<entry_value>{Fault::value, "after the `:` of a map entry"};
template <> inline constexpr Expected expected<right_operand>{Fault::value, "after the operator"};
template <> inline constexpr Expected expected<prefix_operand>{Fault::value, "after the prefix operator"};
template <> inline constexpr Expected expected<closure_body>{Fault::value, "as the body of the closure"};
template <> inline constexpr Expected expected<close_group>{Fault::token, "`)` to close the parenthesis"};
template <> inline constexpr Expected expected<close_index>{Fault::token, "`]` to close the index"};
template <> inline constexpr Expected expected<close_array>{Fault::list, "`,` or `]` in the array"};
template <> inline constexpr Expected expected<close_arguments>{Fault::list, "`,` or `)` in the arguments"};
template <> inline constexpr Expected expected<close_map>{Fault::map_key, "`,` or `}` in the map"};
template <> inline constexpr Expected expected<entry_colon>{Fault::entry_colon, "`:` after the key of a map entry"};
template <> inline constexpr Expected expected<close_parameters_bar>{Fault::parameters,
    "`,` or `|` in the parameters of the closure"};
template <> inline constexpr Expected expected<close_interpolation>{Fault::statement,
                                                        "`}` to close the `${` of the back-tick string"};
template <> inline constexpr Expected expected<member_name>{Fault::property, "a name after the dot"};
template <> inline constexpr Expected expected<next_segment>{Fault::segment, "a name after `::`"};
template <> inline constexpr Expected expected<call_arguments>{Fault::called_word, "`(`: the word can only be called"};
template <> inline constexpr Expected expected<caller_scope_call>{Fault::caller_scope, "`(`"};
template <class Start, class Rule>
inline constexpr Expected expected<deeper<Start, Rule>>{Fault::too_deep, "fewer levels"};

// Directives.
template <> inline constexpr Expected expected<service>{Fault::value, "that gives the service, after `delegate`"};
template <> inline constexpr Expected expected<directive_name>{Fault::directive_name,
    "the name of the directive, a string"};
template <> inline constexpr Expected expected<directive_body>{Fault::value,
    "after the name of the directive: `|| …` or a map"};
template <> inline constexpr Expected expected<directive_end>{Fault::list, "`,` or `]` after the directive"};

// Blocks and control flow.
template <> inline constexpr Expected expected<close_block>{Fault::statement, "`}` to close the block"};
template <> inline constexpr Expected expected<body>{Fault::body, "`{` to open the body"};
template <> inline constexpr Expected expected<else_body>{Fault::token, "`{` or `if` after `else`"};
template <> inline constexpr Expected expected<no_block>{Fault::block_condition, "a condition"};
template <> inline constexpr Expected expected<condition_value>{Fault::value, "as the condition"};
template <> inline constexpr Expected expected<no_assignment>{Fault::assigned_condition, "`{` after the condition"};
template <> inline constexpr Expected expected<do_end>{Fault::token, "`while` or `until` after the body of `do`"};
template <> inline constexpr Expected expected<for_variables>{Fault::variable, "the loop variable after `for`"};
template <> inline constexpr Expected expected<loop_variable>{Fault::variable, "a loop variable"};
template <> inline constexpr Expected expected<loop_comma>{Fault::token, "`,` between the loop variables"};
template <> inline constexpr Expected expected<close_loop_variables>{Fault::token, "`)` after the loop variables"};
template <> inline constexpr Expected expected<for_in>{Fault::loop_in, "`in` after the loop variable"};
template <> inline constexpr Expected expected<try_catch>{Fault::catch_word, "`catch` after the body of `try`"};
template <> inline constexpr Expected expected<error_variable>{Fault::variable, "the variable of `catch`"};
template <> inline constexpr Expected expected<close_catch>{Fault::token, "`)` after the variable of `catch`"};
template <> inline constexpr Expected expected<switch_subject>{Fault::value, "after `switch`"};
template <> inline constexpr Expected expected<switch_block>{Fault::token, "`{` to open the cases of the `switch`"};
template <> inline constexpr Expected expected<close_switch>{Fault::case_label, "a case or `}` in the `switch`"};
template <> inline constexpr Expected expected<next_label>{Fault::value, "as a case label after `|`"};
template <> inline constexpr Expected expected<guard_value>{Fault::value, "as the condition of the case"};
template <> inline constexpr Expected expected<guard_no_assignment>{Fault::assigned_condition,
    "`=>` after the condition"};
template <> inline constexpr Expected expected<case_arrow>{Fault::case_arrow, "`=>` after the case label"};
template <> inline constexpr Expected expected<case_body>{Fault::value, "after the `=>` of a case"};
template <> inline constexpr Expected expected<case_separator>{Fault::case_separator, "`,` or `}` after the case"};

// Functions, declarations, statements.
template <> inline constexpr Expected expected<private_fn>{Fault::private_function, "`fn` after `private`"};
template <> inline constexpr Expected expected<function_name>{Fault::function_name, "the name of the function"};
template <> inline constexpr Expected expected<open_parameters>{Fault::function_parameters,
                                                    "`(` and the parameters of the function"};
template <> inline constexpr Expected expected<close_parameters>{Fault::parameters,
    "`,` or `)` in the parameters of the function"};
template <> inline constexpr Expected expected<function_body>{Fault::function_body,
    "`{` to open the body of the function"};
template <> inline constexpr Expected expected<variable_name>{Fault::variable, "a name to declare"};
template <> inline constexpr Expected expected<init_value>{Fault::value, "after `=`"};
template <> inline constexpr Expected expected<assigned_value>{Fault::value, "after the assignment operator"};
template <> inline constexpr Expected expected<import_path>{Fault::value, "that gives the path, after `import`"};
template <> inline constexpr Expected expected<import_alias>{Fault::variable, "the name of the module after `as`"};
template <> inline constexpr Expected expected<exported>{Fault::variable, "a variable after `export`"};
template <> inline constexpr Expected expected<export_alias>{Fault::variable, "the exported name after `as`"};
template <> inline constexpr Expected expected<terminator>{Fault::semicolon, "`;` to end the statement"};
template <> inline constexpr Expected expected<end>{Fault::statement, "a statement"};
template <> inline constexpr Expected expected<single_value>{Fault::value, "as the whole text"};
template <> inline constexpr Expected expected<single_end>{Fault::single_end, "the end of the expression"};

// clang-format on

}  // namespace sluice::grammar::vsl
