// The entry points of the grammar. The state object given to the parse must offer `Nesting nesting` (nesting.hpp) and
// `bool directives`.
#pragma once

#include "grammar/vsl/directives.hpp"
#include "grammar/vsl/statements.hpp"

namespace sluice::grammar::vsl {

struct end : p::eof {};
struct prologue : p::seq<p::opt<byte_order_mark>, p::opt<hash_bang>, ws> {};

// Each statement of the top level, so that the state knows where the last good one ended.
struct top_statement : p::sor<closed_statement, p::seq<open_statement, need<terminator>>> {};
struct top_statements : p::star<p::sor<semicolon, top_statement>> {};
struct script : p::seq<prologue, top_statements, need<end>> {};

// The rest of a script, after an error in what came before.
struct script_rest : p::seq<ws, top_statements, need<end>> {};

struct single_value : p::seq<expr> {};
struct single_end : p::eof {};
struct single_expression : p::seq<prologue, need<single_value, single_end>> {};

// One directive out of the list that an error stood in.
struct directive_end : p::at<p::sor<p::one<',', ']', ')', '}', ';'>, p::eof>> {};
struct single_directive : p::seq<directive, need<directive_end>> {};

}  // namespace sluice::grammar::vsl
