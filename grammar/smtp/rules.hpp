// PEGTL rules for SMTP command lines, without the CRLF: RFC 5321 4.1.1, names as there.
// Lenient where clients are known to stray: blanks behind "FROM:" and "TO:" and at the end of the line.
#pragma once

#include "grammar/mail/mailbox_rules.hpp"

namespace sluice::grammar::smtp {

namespace pegtl = tao::pegtl;

struct ws : pegtl::plus<pegtl::blank> {};
struct end_of_line : pegtl::seq<pegtl::star<pegtl::blank>, pegtl::eof> {};

// --- the line as a whole: verb, then anything
struct verb : pegtl::plus<pegtl::alpha> {};
struct argument : pegtl::star<pegtl::any> {};
struct command : pegtl::seq<verb, pegtl::sor<pegtl::eof, pegtl::seq<ws, argument>>> {};

// --- paths
struct at_domain : pegtl::seq<pegtl::one<'@'>, mail::mailbox_domain> {};
struct a_d_l : pegtl::seq<pegtl::list<at_domain, pegtl::one<','>>, pegtl::one<':'>> {};  // source route: ignored
struct path_local_part : mail::local_part {};
struct path_domain : mail::mailbox_domain {};
struct path_mailbox : pegtl::seq<path_local_part, pegtl::one<'@'>, path_domain> {};
struct path : pegtl::seq<pegtl::one<'<'>, pegtl::opt<a_d_l>, path_mailbox, pegtl::one<'>'>> {};
struct null_path : pegtl::string<'<', '>'> {};
struct postmaster : TAO_PEGTL_ISTRING("Postmaster") {};
struct postmaster_path : pegtl::seq<pegtl::one<'<'>, postmaster, pegtl::one<'>'>> {};
struct reverse_path : pegtl::sor<null_path, path> {};
struct forward_path : pegtl::sor<postmaster_path, path> {};

// --- parameters
struct esmtp_keyword : pegtl::seq<pegtl::alnum, pegtl::star<pegtl::sor<pegtl::alnum, pegtl::one<'-'>>>> {};
struct esmtp_value : pegtl::plus<pegtl::sor<pegtl::ranges<'!', '<', '>', '~'>, mail::utf8_non_ascii>> {};
struct parameter_end : pegtl::at<pegtl::sor<pegtl::blank, pegtl::eof>> {};

struct size_value : pegtl::rep_min_max<1, 20, pegtl::digit> {};  // RFC 1870
struct size_parameter : pegtl::seq<TAO_PEGTL_ISTRING("SIZE="), size_value, parameter_end> {};
struct body_7bit : pegtl::seq<TAO_PEGTL_ISTRING("BODY=7BIT"), parameter_end> {};
struct body_8bitmime : pegtl::seq<TAO_PEGTL_ISTRING("BODY=8BITMIME"), parameter_end> {};
struct smtputf8_parameter : pegtl::seq<TAO_PEGTL_ISTRING("SMTPUTF8"), parameter_end> {};
struct requiretls_parameter : pegtl::seq<TAO_PEGTL_ISTRING("REQUIRETLS"), parameter_end> {};  // RFC 8689 2
// What is none of the above: unknown keyword, or a known one with a value it cannot have.
struct other_parameter
    : pegtl::seq<esmtp_keyword, pegtl::opt<pegtl::one<'='>, pegtl::opt<esmtp_value>>, parameter_end> {};

// RFC 3461 4
struct hexchar : pegtl::seq<pegtl::one<'+'>, pegtl::rep<2, pegtl::ranges<'0', '9', 'A', 'F'>>> {};
struct xchar : pegtl::ranges<'!', '*', ',', '<', '>', '~'> {};
struct xtext : pegtl::plus<pegtl::sor<hexchar, xchar>> {};
struct ret_full : pegtl::seq<TAO_PEGTL_ISTRING("RET=FULL"), parameter_end> {};
struct ret_hdrs : pegtl::seq<TAO_PEGTL_ISTRING("RET=HDRS"), parameter_end> {};
struct envid_value : xtext {};
struct envid_parameter : pegtl::seq<TAO_PEGTL_ISTRING("ENVID="), envid_value, parameter_end> {};
struct notify_keyword_never : TAO_PEGTL_ISTRING("NEVER") {};
struct notify_keyword_success : TAO_PEGTL_ISTRING("SUCCESS") {};
struct notify_keyword_failure : TAO_PEGTL_ISTRING("FAILURE") {};
struct notify_keyword_delay : TAO_PEGTL_ISTRING("DELAY") {};
struct notify_list
    : pegtl::list<pegtl::sor<notify_keyword_success, notify_keyword_failure, notify_keyword_delay>, pegtl::one<','>> {};
struct notify_parameter
    : pegtl::seq<TAO_PEGTL_ISTRING("NOTIFY="), pegtl::sor<notify_keyword_never, notify_list>, parameter_end> {};
// addr-type is an atom; all that are registered are of letters, digits and "-".
struct addr_type : pegtl::plus<pegtl::sor<pegtl::alnum, pegtl::one<'-'>>> {};
// RFC 6533 3
struct embedded_unicode_char
    : pegtl::seq<pegtl::string<'\\', 'x', '{'>, pegtl::rep_min_max<2, 6, pegtl::xdigit>, pegtl::one<'}'>> {};
struct qchar : pegtl::ranges<'!', '*', ',', '<', '>', '[', ']', '~'> {};
struct utf_8_type : TAO_PEGTL_ISTRING("utf-8;") {};
struct utf_8_type_addr
    : pegtl::seq<utf_8_type, pegtl::plus<pegtl::sor<embedded_unicode_char, hexchar, qchar, mail::utf8_non_ascii>>> {};
struct orcpt_value
    : pegtl::sor<utf_8_type_addr, pegtl::seq<pegtl::not_at<utf_8_type>, addr_type, pegtl::one<';'>, xtext>> {};
struct orcpt_parameter : pegtl::seq<TAO_PEGTL_ISTRING("ORCPT="), orcpt_value, parameter_end> {};

struct mail_parameter : pegtl::sor<size_parameter, body_7bit, body_8bitmime, smtputf8_parameter, requiretls_parameter,
                                   ret_full, ret_hdrs, envid_parameter, other_parameter> {};
struct rcpt_parameter : pegtl::sor<notify_parameter, orcpt_parameter, other_parameter> {};

template <typename Parameter>
struct parameters : pegtl::star<ws, Parameter> {};

struct path_done : pegtl::success {};  // tells "bad path" from "bad parameters" when the parse fails
struct mail_arguments : pegtl::seq<TAO_PEGTL_ISTRING("FROM:"), pegtl::star<pegtl::blank>, reverse_path, path_done,
                                   parameters<mail_parameter>, end_of_line> {};
struct rcpt_arguments : pegtl::seq<TAO_PEGTL_ISTRING("TO:"), pegtl::star<pegtl::blank>, forward_path, path_done,
                                   parameters<rcpt_parameter>, end_of_line> {};

// --- BDAT (RFC 3030 2)
struct chunk_size : pegtl::rep_min_max<1, 20, pegtl::digit> {};
struct end_marker : TAO_PEGTL_ISTRING("LAST") {};
struct bdat_arguments : pegtl::seq<chunk_size, pegtl::opt<ws, end_marker>, end_of_line> {};

// --- HELO and EHLO
struct helo_literal : mail::address_literal {};
struct helo_name : mail::domain {};
struct helo_argument
    : pegtl::seq<pegtl::sor<helo_literal, pegtl::seq<helo_name, pegtl::opt<pegtl::one<'.'>>>>, end_of_line> {};

}  // namespace sluice::grammar::smtp
