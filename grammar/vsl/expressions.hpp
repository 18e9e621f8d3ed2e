// Expressions (vsl-language.md sections 3 and 4). Operators are a flat list of operands and operators here; the action
// of `expr` climbs precedence over it. Alternatives are decided by their first token, so no text is parsed twice.
#pragma once

#include "grammar/vsl/literals.hpp"
#include "grammar/vsl/nesting.hpp"

namespace sluice::grammar::vsl {

struct block;
struct expr;
struct statement;
struct statements;
struct if_;
struct switch_;
struct while_;
struct loop;
struct do_;
struct for_;
struct directive;
struct delegate_call;

// What may begin an operand, asked only when the nesting limit is reached.
struct operand_start
    : p::sor<p::alnum, p::one<'_', '"', '\'', '`', '(', '[', '{', '|', '-', '+', '!'>, p::string<'#', '{'>> {};

// One name for each place that needs an expression, so that each has an error text of its own.
struct group_value : p::seq<expr> {};
struct argument : p::seq<expr> {};
struct array_item : p::seq<expr> {};
struct index_value : p::seq<expr> {};
struct entry_value : p::seq<expr> {};

struct unit : p::seq<p::string<'(', ')'>, ws> {};
struct close_group : closer<')'> {};
struct group : p::seq<p::one<'('>, ws, need<group_value, close_group>> {};

struct close_array : closer<']'> {};
struct array : p::seq<p::one<'['>, ws, p::opt<p::list_tail<array_item, comma>>, need<close_array>> {};

struct key_name : name {};
struct key_string : plain_string {};
struct map_key : p::seq<p::sor<key_name, key_string>, ws> {};
struct entry_colon : colon {};
struct map_entry : p::seq<map_key, need<entry_colon, entry_value>> {};
struct close_map : closer<'}'> {};
struct map : p::seq<p::string<'#', '{'>, ws, p::opt<p::list_tail<map_entry, comma>>, need<close_map>> {};

struct close_interpolation : p::one<'}'> {};
struct interpolation : p::seq<open_interpolation, ws, statements, need<close_interpolation>> {};
struct template_part : p::seq<template_text> {};
struct template_body : p::star<p::sor<template_part, interpolation>> {};
struct template_ : p::seq<open_template, p::opt<line_break>, template_body, need<close_template>, ws> {};

struct parameter : name {};
struct parameters : p::list_tail<p::seq<parameter, ws>, comma> {};
struct close_parameters_bar : bar {};
struct closure_body : p::seq<statement> {};
struct closure
    : p::seq<p::sor<double_bar, p::seq<bar, p::opt<parameters>, need<close_parameters_bar>>>, need<closure_body>> {};

struct close_arguments : closer<')'> {};
struct call_arguments : p::seq<p::one<'('>, ws, p::opt<p::list_tail<argument, comma>>, need<close_arguments>> {};
// `f!(x)` calls f so that it sees the caller's variables: for a bare name only, refused where it stands elsewhere.
struct caller_scope_call : p::seq<p::one<'!'>, ws, p::at<p::one<'('>>> {};
struct refuse_caller_scope : p::seq<p::at<caller_scope_call>, p::raise<caller_scope_call>> {};
struct opt_arguments : p::opt<p::sor<call_arguments, refuse_caller_scope>> {};
// Looked at before it is read: reading blanks moves the place where errors are shown.
struct caller_scope_mark : p::seq<p::at<caller_scope_call>, caller_scope_call> {};

struct first_segment : name {};
struct next_segment : name {};
struct qualified : p::seq<p::plus<double_colon, need<next_segment>, ws>, opt_arguments> {};
struct unqualified : p::opt<p::sor<call_arguments, p::seq<caller_scope_mark, call_arguments>>> {};
struct path : p::seq<first_segment, ws, p::sor<qualified, unqualified>> {};
// print, type_of, Fn …: words that can be called and nothing else.
struct called_word : word<WordClass::callable, WordClass::method> {};
struct word_call : p::seq<called_word, ws, need<call_arguments>> {};

struct true_ : kw_true {};
struct false_ : kw_false {};
struct this_ : kw_this {};
struct number_token : p::seq<number> {};
struct number_literal : p::seq<number_token, ws> {};
struct string_token : p::seq<string> {};
struct string_literal : p::seq<string_token, ws> {};
struct character_token : p::seq<character> {};
struct character_literal : p::seq<character_token, ws> {};

struct method_word : p::seq<word<WordClass::method>, p::at<ws, p::one<'(', '!'>>> {};
struct member_name : p::sor<name, method_word> {};
struct dot : p::sor<p::seq<p::one<'.'>, p::not_at<p::one<'.'>>>, p::string<'?', '.'>> {};
struct dot_suffix : p::seq<dot, ws, need<member_name>, ws, opt_arguments> {};
struct close_index : closer<']'> {};
struct index_suffix : p::seq<p::sor<p::one<'['>, p::string<'?', '['>>, ws, need<index_value, close_index>> {};
struct suffix : p::sor<dot_suffix, index_suffix> {};

struct primary : p::sor<directive, delegate_call, path, number_literal, string_literal, template_, unit, group, map,
                        array, closure, true_, false_, this_, word_call, character_literal, if_, switch_, block, while_,
                        loop, do_, for_> {};
struct prefix_token : p::seq<prefix_operator> {};
struct prefix : p::seq<prefix_token, ws> {};
struct prefix_operand : p::seq<primary, p::star<suffix>> {};
struct operand : p::sor<p::seq<p::plus<prefix>, need<prefix_operand>>, prefix_operand> {};
struct right_operand : p::seq<operand> {};
struct operation : p::seq<binary_operator> {};
struct expr : deeper<operand_start, p::seq<operand, p::star<operation, ws, need<right_operand>>>> {};

struct label_expr
    : deeper<operand_start, p::seq<operand, p::star<p::at<label_operator>, operation, ws, need<right_operand>>>> {};

}  // namespace sluice::grammar::vsl
