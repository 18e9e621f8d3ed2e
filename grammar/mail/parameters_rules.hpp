// PEGTL rules for Content-Type and Content-Disposition: a value and its parameters, RFC 2045 5.1 and RFC 2183 2, names
// as there. Lenient as field_rules.hpp; besides, a value without quotes may hold blanks and specials (`name=my
// file.pdf`), and what is no parameter is skipped up to the next ";".
#pragma once

#include "grammar/mail/field_rules.hpp"

namespace sluice::grammar::mail::field {

struct token_char : pegtl::not_one<' ', '\t', '\r', '\n', '(', ')', '<', '>', '@', ',', ';', ':', '\\', '"', '/', '[',
                                   ']', '?', '='> {};
struct token : pegtl::plus<token_char> {};

struct type : token {};
struct subtype : token {};
struct media_type : pegtl::seq<cfws, type, cfws, pegtl::one<'/'>, cfws, subtype> {};
struct disposition_type : token {};
struct disposition : pegtl::seq<cfws, disposition_type> {};

struct attribute : pegtl::plus<pegtl::not_one<' ', '\t', '\r', '\n', '=', ';', '(', '"'>> {};
struct parameter_end : pegtl::at<pegtl::sor<pegtl::eof, pegtl::one<';'>>> {};
struct quoted_value : quoted_string {};
struct bare_value : pegtl::plus<pegtl::not_one<' ', '\t', '\r', '\n', ';', '('>> {};
struct plain_value : pegtl::seq<bare_value, cfws, parameter_end> {};
// Everything up to the next ";". A comment is one piece here too: plain_value may have walked over it already, and a
// second start inside of it would make nested comments cost quadratic time.
struct ragged_value : pegtl::star<pegtl::sor<comment, pegtl::not_one<';'>>> {};
struct value : pegtl::sor<quoted_value, plain_value, ragged_value> {};
struct parameter : pegtl::seq<attribute, cfws, pegtl::one<'='>, cfws, value> {};

struct skipped : pegtl::star<pegtl::sor<quoted_string, comment, pegtl::not_one<';'>>> {};
struct parameters : pegtl::star<pegtl::seq<skipped, pegtl::one<';'>, cfws, pegtl::opt<parameter>>> {};

struct content_type : pegtl::seq<pegtl::opt<media_type>, parameters> {};
struct content_disposition : pegtl::seq<pegtl::opt<disposition>, parameters> {};

}  // namespace sluice::grammar::mail::field
