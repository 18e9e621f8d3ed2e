// Characters, strings and the text of back-tick strings (vsl-language.md section 2). Matching only: the escapes are
// decoded by dsl/ast.
#pragma once

#include "grammar/vsl/tokens.hpp"

namespace sluice::grammar::vsl {

struct two_hex : p::rep<2, p::xdigit> {};
struct four_hex : p::rep<4, p::xdigit> {};
struct eight_hex : p::rep<8, p::xdigit> {};
struct hex_escape : p::sor<p::seq<p::one<'x'>, need<two_hex>>, p::seq<p::one<'u'>, need<four_hex>>,
                           p::seq<p::one<'U'>, need<eight_hex>>> {};
struct line_break : p::sor<p::one<'\n'>, p::string<'\r', '\n'>> {};

// A final backslash continues the string on the next line.
struct string_escape : p::sor<p::one<'\\', '"', 't', 'n', 'r'>, hex_escape, line_break> {};
struct character_escape : p::sor<p::one<'\\', '"', '\'', 't', 'n', 'r'>, hex_escape> {};
struct backslash : p::one<'\\'> {};

struct open_string : p::one<'"'> {};
struct close_string : p::one<'"'> {};
struct string_text
    : p::star<p::sor<p::not_one<'"', '\\', '\n', '\r'>, p::two<'"'>, p::seq<backslash, need<string_escape>>,
                     p::seq<p::one<'\r'>, p::not_at<p::one<'\n'>>>>> {};
struct string : p::seq<open_string, string_text, need<close_string>> {};

struct open_character : p::one<'\''> {};
struct close_character : p::one<'\''> {};
struct character_text : p::sor<p::two<'\''>, p::seq<backslash, need<character_escape>>,
                               p::seq<p::not_at<p::one<'\'', '\n', '\r'>>, p::utf8::any>> {};
struct character : p::seq<open_character, need<character_text, close_character>> {};

// A back-tick string: literal text and `${ … }` in turn. A doubled back-tick stands for one.
struct open_template : p::one<'`'> {};
struct close_template : p::one<'`'> {};
struct template_text : p::plus<p::sor<p::not_one<'`', '$'>, p::two<'`'>, p::seq<p::one<'$'>, p::not_at<p::one<'{'>>>>> {
};
struct open_interpolation : p::string<'$', '{'> {};

// One without interpolation, for map keys and names of directives.
struct no_interpolation : p::not_at<open_interpolation> {};
struct plain_template
    : p::seq<open_template, p::opt<line_break>, p::opt<template_text>, need<no_interpolation, close_template>> {};
struct plain_string : p::sor<string, plain_template> {};

}  // namespace sluice::grammar::vsl
