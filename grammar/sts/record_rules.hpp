// PEGTL rules for the TXT records that announce an MTA-STS policy (RFC 8461 3.1) and where reports about TLS go
// (RFC 8460 3); names as there. Both are a version and fields behind semicolons. Blanks at the end are taken as well.
#pragma once

#include <tao/pegtl.hpp>

#include "grammar/sts/limits.hpp"
#include "grammar/sts/policy_rules.hpp"

namespace sluice::grammar::sts {

struct blanks : pegtl::star<pegtl::blank> {};
struct record_delim : pegtl::seq<blanks, pegtl::one<';'>, blanks> {};
struct record_field_end : pegtl::at<blanks, pegtl::sor<pegtl::eof, pegtl::one<';'>>> {};

struct record_extension_value : pegtl::plus<pegtl::ranges<'!', ':', '>', '~', '<'>> {};
struct record_extension : pegtl::seq<extension_name, pegtl::one<'='>, record_extension_value, record_field_end> {};
struct rest_of_field : pegtl::star<pegtl::not_one<';'>> {};

// --- "v=STSv1; id=20160831085700Z;"
struct sts_version : TAO_PEGTL_STRING("v=STSv1") {};
struct begins_sts_record : pegtl::seq<sts_version, blanks, pegtl::one<';'>> {};
struct sts_id : pegtl::rep_min_max<1, max_policy_id, pegtl::alnum> {};
struct id_name : TAO_PEGTL_STRING("id=") {};
struct sts_id_field : pegtl::seq<id_name, sts_id, record_field_end> {};
struct wrong_sts_id : pegtl::seq<id_name, rest_of_field> {};
struct wrong_record_field : pegtl::plus<pegtl::not_one<';'>> {};
struct sts_field : pegtl::sor<sts_id_field, wrong_sts_id, record_extension, wrong_record_field> {};
struct sts_text_record
    : pegtl::seq<sts_version, pegtl::plus<record_delim, sts_field>, pegtl::opt<record_delim>, blanks, pegtl::eof> {};

// --- "v=TLSRPTv1; rua=mailto:reports@example.com,https://reporting.example.com/v1/tlsrpt"
struct tlsrpt_version : TAO_PEGTL_STRING("v=TLSRPTv1") {};
struct begins_tlsrpt_record : pegtl::seq<tlsrpt_version, blanks, pegtl::one<';'>> {};

// Characters of RFC 3986 but for those that RFC 8460 wants encoded: comma, exclamation point and semicolon.
struct pct_encoded : pegtl::seq<pegtl::one<'%'>, pegtl::xdigit, pegtl::xdigit> {};
struct path_char : pegtl::sor<pegtl::alnum, pct_encoded,
                              pegtl::one<'-', '.', '_', '~', ':', '/', '@', '$', '&', '\'', '(', ')', '*', '+', '='>> {
};
struct query_char : pegtl::sor<path_char, pegtl::one<'?'>> {};
struct uri_char : pegtl::sor<query_char, pegtl::one<'#', '[', ']'>> {};
struct uri_end : pegtl::at<blanks, pegtl::sor<pegtl::eof, pegtl::one<';', ','>>> {};
struct fragment : pegtl::seq<pegtl::one<'#'>, pegtl::star<query_char>> {};

// RFC 6068; header fields of the message ("?subject=") are not for us.
struct mailto_address : pegtl::plus<path_char> {};
struct mailto_uri : pegtl::seq<TAO_PEGTL_ISTRING("mailto:"), mailto_address,
                               pegtl::opt<pegtl::one<'?'>, pegtl::star<query_char>>, pegtl::opt<fragment>, uri_end> {};

struct https_host : domain {};
struct https_port : pegtl::rep_min_max<1, 5, pegtl::digit> {};
struct https_target : pegtl::seq<pegtl::opt<pegtl::one<'/'>, pegtl::star<path_char>>,
                                 pegtl::opt<pegtl::one<'?'>, pegtl::star<query_char>>> {};
struct https_uri
    : pegtl::seq<TAO_PEGTL_ISTRING("https://"), https_host, pegtl::opt<pegtl::one<'.'>>,
                 pegtl::opt<pegtl::one<':'>, pegtl::opt<https_port>>, https_target, pegtl::opt<fragment>, uri_end> {};

struct scheme : pegtl::seq<pegtl::alpha, pegtl::star<pegtl::sor<pegtl::alnum, pegtl::one<'+', '-', '.'>>>> {};
struct other_uri : pegtl::seq<scheme, pegtl::one<':'>, pegtl::plus<uri_char>, uri_end> {};
struct tlsrpt_uri : pegtl::sor<mailto_uri, https_uri, other_uri> {};
struct uri_comma : pegtl::seq<blanks, pegtl::one<','>, blanks> {};
struct rua_name : TAO_PEGTL_STRING("rua=") {};
struct tlsrpt_rua : pegtl::seq<rua_name, pegtl::list<tlsrpt_uri, uri_comma>, record_field_end> {};
struct wrong_rua : pegtl::seq<rua_name, rest_of_field> {};
struct tlsrpt_field : pegtl::sor<tlsrpt_rua, wrong_rua, record_extension, wrong_record_field> {};
struct tlsrpt_record : pegtl::seq<tlsrpt_version, pegtl::plus<record_delim, tlsrpt_field>, pegtl::opt<record_delim>,
                                  blanks, pegtl::eof> {};

}  // namespace sluice::grammar::sts
