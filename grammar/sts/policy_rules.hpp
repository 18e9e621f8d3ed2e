// PEGTL rules for the policy file of MTA-STS, RFC 8461 3.2. Names follow the RFC without its prefix "sts-policy-".
// Where we are more lenient than the RFC: empty lines, a final dot behind a name, "_" in a name.
// A line that is none of the RFC's matches one of the wrong_... rules, so that every text matches as a whole and what
// is wrong can be said of its place.
#pragma once

#include <tao/pegtl.hpp>

#include "grammar/sts/limits.hpp"

namespace sluice::grammar::sts {

namespace pegtl = tao::pegtl;

struct term : pegtl::sor<pegtl::one<'\n'>, pegtl::string<'\r', '\n'>> {};
struct line_end : pegtl::at<pegtl::sor<pegtl::eof, term>> {};
struct field_end : pegtl::seq<pegtl::star<pegtl::blank>, line_end> {};
struct field_delim : pegtl::seq<pegtl::one<':'>, pegtl::star<pegtl::blank>> {};

struct version_name : TAO_PEGTL_STRING("version") {};
struct version_value : TAO_PEGTL_STRING("STSv1") {};
struct version_field : pegtl::seq<version_name, field_delim, version_value, field_end> {};

struct mode_name : TAO_PEGTL_STRING("mode") {};
struct mode_testing : TAO_PEGTL_STRING("testing") {};
struct mode_enforce : TAO_PEGTL_STRING("enforce") {};
struct mode_none : TAO_PEGTL_STRING("none") {};
struct mode_value : pegtl::seq<pegtl::sor<mode_testing, mode_enforce, mode_none>, field_end> {};
struct mode_field : pegtl::seq<mode_name, field_delim, mode_value> {};

struct max_age_name : TAO_PEGTL_STRING("max_age") {};
struct max_age_value : pegtl::rep_min_max<1, 10, pegtl::digit> {};
struct max_age_field : pegtl::seq<max_age_name, field_delim, max_age_value, field_end> {};

struct mx_name : TAO_PEGTL_STRING("mx") {};
struct let_dig : pegtl::sor<pegtl::alnum, pegtl::one<'_'>> {};
struct label
    : pegtl::seq<let_dig,
                 pegtl::star<pegtl::sor<let_dig, pegtl::seq<pegtl::plus<pegtl::one<'-'>>, pegtl::at<let_dig>>>>> {};
struct domain : pegtl::list<label, pegtl::one<'.'>> {};
struct mx_pattern : pegtl::seq<pegtl::opt<pegtl::string<'*', '.'>>, domain> {};
struct mx_field : pegtl::seq<mx_name, field_delim, mx_pattern, pegtl::opt<pegtl::one<'.'>>, field_end> {};

struct known_name : pegtl::seq<pegtl::sor<version_name, mode_name, max_age_name, mx_name>, pegtl::one<':'>> {};
struct extension_name
    : pegtl::seq<pegtl::alnum, pegtl::rep_opt<31, pegtl::sor<pegtl::alnum, pegtl::one<'_', '-', '.'>>>> {};
struct vchar : pegtl::sor<pegtl::range<'!', '~'>, pegtl::utf8::range<0x80, 0x10FFFF>> {};
struct extension_value : pegtl::list<pegtl::plus<vchar>, pegtl::plus<pegtl::blank>> {};
struct extension_field
    : pegtl::seq<pegtl::not_at<known_name>, extension_name, field_delim, extension_value, field_end> {};

struct rest_of_line : pegtl::star<pegtl::not_at<line_end>, pegtl::any> {};
struct wrong_version : pegtl::seq<version_name, field_delim, rest_of_line> {};
struct wrong_mode : pegtl::seq<mode_name, field_delim, rest_of_line> {};
struct wrong_max_age : pegtl::seq<max_age_name, field_delim, rest_of_line> {};
struct wrong_mx : pegtl::seq<mx_name, field_delim, rest_of_line> {};
struct wrong_line : rest_of_line {};

struct field : pegtl::sor<version_field, mode_field, max_age_field, mx_field, extension_field> {};
struct wrong_field : pegtl::sor<wrong_version, wrong_mode, wrong_max_age, wrong_mx, wrong_line> {};
struct line : pegtl::sor<field, field_end, wrong_field> {};
struct policy_file : pegtl::seq<pegtl::list<line, term>, pegtl::eof> {};

}  // namespace sluice::grammar::sts
