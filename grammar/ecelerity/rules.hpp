// PEGTL rules of Momentum's ecelerity.conf, as its documentation describes it ("Configuration Overview", "Configuration
// Scopes and Fallback", "Listeners") and its examples write it:
//
//     Name = value                option; `;` behind it may be left out, line breaks are blanks like others
//     Name { … }                  stanza; `Name = { … }` in some of the examples
//     Name "value" { … }          stanza with a name of its own; quotes may be left out
//     include "path"              also readonly_include, in any scope
//     "text" 'text' word          values; words hold none of  # " ' = { } [ ] ( ) ; ,  nor blanks
//     ( "A" "B" )  ( "A", "B" )   lists
//     [ a = b  c = ( "d" ) ]      dictionaries; without `=` plain arrays
//     # to the end of the line    comments, also /* … */, which do not nest
//
// The documentation asks for quotes round `/` too, and then writes paths without: they are taken.
// What must follow stands in need<> (grammar/vsl/need.hpp): the texts of its errors are in error_texts.hpp.
#pragma once

#include <tao/pegtl.hpp>

#include "grammar/vsl/need.hpp"
#include "grammar/vsl/nesting.hpp"

namespace sluice::grammar::ecelerity {

namespace p = tao::pegtl;
using vsl::deeper;
using vsl::need;

// Blanks and comments.
struct line_comment : p::seq<p::one<'#'>, p::until<p::at<p::eolf>>> {};
struct comment_rest : p::until<p::string<'*', '/'>> {};
struct block_comment : p::seq<p::string<'/', '*'>, need<comment_rest>> {};
struct gap : p::star<p::sor<p::plus<p::space>, line_comment, block_comment>> {};
struct loose_gap : p::star<p::sor<p::plus<p::sor<p::space, p::one<';', ','>>>, line_comment, block_comment>> {};

// Texts.
struct word_char : p::seq<p::not_at<p::string<'/', '*'>>, p::not_one<' ', '\t', '\r', '\n', '\v', '\f', '#', '"', '\'',
                                                                     '=', '{', '}', '[', ']', '(', ')', ';', ','>> {};
struct word : p::plus<word_char> {};
template <char Quote>
struct quoted_text : p::star<p::sor<p::seq<p::one<'\\'>, p::any>, p::not_one<Quote, '\\'>>> {};
template <char Quote>
struct quoted_rest : p::seq<quoted_text<Quote>, p::one<Quote>> {};
struct double_quoted : p::seq<p::one<'"'>, need<quoted_rest<'"'>>> {};
struct single_quoted : p::seq<p::one<'\''>, need<quoted_rest<'\''>>> {};
struct text : p::sor<word, double_quoted, single_quoted> {};

// Values.
struct value;
struct list_open : p::one<'('> {};
struct list_close : p::one<')'> {};
struct list : p::seq<list_open, loose_gap, p::star<value, loose_gap>, need<list_close>> {};
struct dictionary_open : p::one<'['> {};
struct dictionary_close : p::one<']'> {};
struct dictionary_equals : p::one<'='> {};
struct dictionary_value;
struct value_text : p::seq<text> {};
struct keyed_value : p::seq<value_text, gap, p::opt<dictionary_equals, gap, need<dictionary_value>>> {};
struct dictionary_item : p::sor<keyed_value, value> {};
struct dictionary : p::seq<dictionary_open, loose_gap, p::star<dictionary_item, loose_gap>, need<dictionary_close>> {};
struct list_or_dictionary : p::sor<list, dictionary> {};
struct bracket : p::one<'(', '['> {};
struct value : p::sor<value_text, deeper<bracket, list_or_dictionary>> {};
struct dictionary_value : p::seq<value> {};

// Statements.
struct statement;
struct block_open : p::one<'{'> {};
struct block_close : p::one<'}'> {};
struct block_content : p::seq<block_open, loose_gap, p::star<statement, loose_gap>, need<block_close>> {};
using block = deeper<block_open, block_content>;

struct include_word
    : p::seq<p::sor<p::istring<'r', 'e', 'a', 'd', 'o', 'n', 'l', 'y', '_', 'i', 'n', 'c', 'l', 'u', 'd', 'e'>,
                    p::istring<'i', 'n', 'c', 'l', 'u', 'd', 'e'>>,
             p::not_at<word_char>> {};
struct include_path : p::seq<text> {};
struct include : p::seq<include_word, gap, need<include_path>> {};

struct name : p::seq<word> {};
struct equals : p::one<'='> {};
struct option_value : p::seq<value> {};
struct assigned : p::seq<equals, gap, p::sor<block, need<option_value>>> {};
struct header : p::seq<text> {};
struct stanza_block : p::seq<block> {};
struct headed : p::seq<header, gap, need<stanza_block>> {};
struct statement_rest : p::sor<assigned, block, headed> {};
struct option_or_stanza : p::seq<name, gap, need<statement_rest>> {};
struct statement : p::sor<include, option_or_stanza> {};

struct end : p::eof {};
struct file : p::seq<p::opt<p::utf8::bom>, loose_gap, p::star<statement, loose_gap>, need<end>> {};

}  // namespace sluice::grammar::ecelerity
