// Statements (vsl-language.md section 3). A closed statement ends at its brace; an open one needs `;` unless it is the
// last of its block. Which of the two it is shows in its first token.
#pragma once

#include "grammar/vsl/expressions.hpp"

namespace sluice::grammar::vsl {

struct open_brace : p::seq<p::one<'{'>, ws> {};
struct close_block : closer<'}'> {};
struct block : deeper<p::one<'{'>, p::seq<open_brace, statements, need<close_block>>> {};
struct body : p::seq<block> {};

// A condition may not start with a block (`if { … }`), and `=` after it is a slip for `==`.
struct no_block : p::not_at<p::one<'{'>> {};
struct condition_value : p::seq<expr> {};
struct no_assignment : p::not_at<equals> {};
struct condition : need<no_block, condition_value, no_assignment> {};

struct if_branch : p::seq<kw_if, condition, need<body>> {};
struct else_body : p::seq<block> {};
struct if_ : p::seq<if_branch, p::star<kw_else, if_branch>, p::opt<p::seq<kw_else, need<else_body>>>> {};

struct while_ : p::seq<kw_while, condition, need<body>> {};
struct loop : p::seq<kw_loop, need<body>> {};
struct do_until : kw_until {};
struct do_end : p::sor<kw_while, do_until> {};
struct do_ : p::seq<kw_do, need<body, do_end>, condition> {};

struct loop_variable : name {};
struct close_loop_variables : closer<')'> {};
struct loop_comma : comma {};
struct for_variables
    : p::sor<p::seq<loop_variable, ws>, p::seq<p::one<'('>, ws, need<loop_variable>, ws,
                                               need<loop_comma, loop_variable>, ws, need<close_loop_variables>>> {};
struct for_in : kw_in {};
struct for_ : p::seq<kw_for, need<for_variables, for_in>, condition, need<body>> {};

struct error_variable : name {};
struct close_catch : closer<')'> {};
struct catch_variable : p::seq<p::one<'('>, ws, need<error_variable>, ws, need<close_catch>> {};
struct try_catch : kw_catch {};
struct try_ : p::seq<kw_try, need<body, try_catch>, p::opt<catch_variable>, need<body>> {};

struct default_label : p::seq<p::one<'_'>, p::not_at<p::identifier_other>, ws> {};
struct label : p::seq<label_expr> {};
struct first_label : p::seq<label> {};
struct next_label : p::seq<label> {};
struct case_labels : p::sor<default_label, p::seq<first_label, p::star<bar, need<next_label>>>> {};
struct guard_value : p::seq<expr> {};
struct guard_no_assignment : p::not_at<equals> {};
struct case_guard : p::seq<kw_if, need<no_block, guard_value, guard_no_assignment>> {};
struct case_arrow : arrow {};
struct closed_statement;
struct open_statement;
struct case_body_open : p::seq<open_statement> {};
struct case_separator : p::sor<comma, p::at<p::one<'}'>>> {};
struct case_body : p::sor<p::seq<closed_statement, p::opt<comma>>, p::seq<case_body_open, need<case_separator>>> {};
struct case_head : p::seq<case_labels, p::opt<case_guard>, need<case_arrow>> {};
struct case_ : p::seq<case_head, need<case_body>> {};
struct open_switch : p::seq<p::one<'{'>, ws> {};
struct close_switch : closer<'}'> {};
struct switch_subject : p::seq<expr> {};
struct switch_block : deeper<p::one<'{'>, p::seq<open_switch, p::star<case_>, need<close_switch>>> {};
struct switch_ : p::seq<kw_switch, need<switch_subject, switch_block>> {};

struct function_name : name {};
struct open_parameters : p::seq<p::one<'('>, ws> {};
struct close_parameters : closer<')'> {};
struct function_body : p::seq<block> {};
struct function_head
    : p::seq<need<function_name>, ws, need<open_parameters>, p::opt<parameters>, need<close_parameters>> {};
struct private_fn : kw_fn {};
struct function : p::seq<p::sor<kw_fn, p::seq<kw_private, need<private_fn>>>, function_head,
                         function_nesting<need<function_body>>> {};

struct variable_name : name {};
struct init_value : p::seq<expr> {};
struct let : p::seq<p::sor<kw_let, kw_const>, need<variable_name>, ws, p::opt<p::seq<equals, need<init_value>>>> {};

struct import_path : p::seq<expr> {};
struct import_alias : name {};
struct import : p::seq<kw_import, need<import_path>, p::opt<kw_as, need<import_alias>, ws>> {};

struct exported_name : name {};
struct export_alias : name {};
struct export_plain : p::seq<exported_name, ws, p::opt<kw_as, need<export_alias>, ws>> {};
struct exported : p::sor<let, export_plain> {};
struct export_ : p::seq<kw_export, need<exported>> {};

struct break_ : p::seq<kw_break, p::opt<expr>> {};
struct continue_ : kw_continue {};
struct return_ : p::seq<kw_return, p::opt<expr>> {};
struct throw_ : p::seq<kw_throw, p::opt<expr>> {};

struct assignment_operator : p::seq<assign_operator> {};
struct assigned_value : p::seq<expr> {};
struct expr_statement : p::seq<expr, p::opt<p::seq<assignment_operator, ws, need<assigned_value>>>> {};

struct block_statement : p::seq<block> {};
struct closed_statement : p::sor<block_statement, if_, switch_, while_, loop, for_, try_, function> {};
struct open_statement : p::sor<let, export_, import, do_, break_, continue_, return_, throw_, expr_statement> {};
struct statement : p::sor<closed_statement, open_statement> {};

struct terminator : p::sor<semicolon, p::at<p::sor<p::one<'}'>, p::eof>>> {};
struct statements : p::star<p::sor<semicolon, closed_statement, p::seq<open_statement, need<terminator>>>> {};

}  // namespace sluice::grammar::vsl
