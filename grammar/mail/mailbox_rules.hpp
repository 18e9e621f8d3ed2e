// PEGTL rules for mailboxes: RFC 5321 4.1.2 and 4.1.3 with the UTF-8 of RFC 6531 3.3. Names as in the RFCs.
// Where we are more lenient than the RFC: "_" counts as a letter in domains, because hosts with it exist.
#pragma once

#include <tao/pegtl.hpp>

namespace sluice::grammar::mail {

namespace pegtl = tao::pegtl;

struct utf8_non_ascii : pegtl::utf8::range<0x80, 0x10FFFF> {};

struct let_dig : pegtl::sor<pegtl::alnum, pegtl::one<'_'>, utf8_non_ascii> {};
struct sub_domain
    : pegtl::seq<let_dig,
                 pegtl::star<pegtl::sor<let_dig, pegtl::seq<pegtl::plus<pegtl::one<'-'>>, pegtl::at<let_dig>>>>> {};
struct domain : pegtl::list<sub_domain, pegtl::one<'.'>> {};

// Not PEGTL's own rules of contrib/uri.hpp: their dec_octet (3.2.7) reads one byte behind the end of the input.
struct dec_octet : pegtl::seq<pegtl::sor<pegtl::seq<pegtl::string<'2', '5'>, pegtl::range<'0', '5'>>,
                                         pegtl::seq<pegtl::one<'2'>, pegtl::range<'0', '4'>, pegtl::digit>,
                                         pegtl::seq<pegtl::one<'1'>, pegtl::digit, pegtl::digit>,
                                         pegtl::seq<pegtl::range<'1', '9'>, pegtl::digit>, pegtl::digit>,
                              pegtl::not_at<pegtl::digit>> {};
struct dot : pegtl::one<'.'> {};
struct ipv4_address_literal : pegtl::seq<dec_octet, dot, dec_octet, dot, dec_octet, dot, dec_octet> {};

// RFC 3986 3.2.2, which unlike RFC 5321 writes down how many groups "::" may stand for.
struct h16 : pegtl::rep_min_max<1, 4, pegtl::xdigit> {};
struct colon : pegtl::one<':'> {};
struct dcolon : pegtl::two<':'> {};
struct ls32 : pegtl::sor<pegtl::seq<h16, colon, h16>, ipv4_address_literal> {};
template <unsigned Most>
struct groups_before : pegtl::opt<h16, pegtl::rep_opt<Most - 1, colon, h16>> {};
template <unsigned Count>
struct groups_behind : pegtl::rep<Count, h16, colon> {};
struct ipv6_address_literal : pegtl::sor<pegtl::seq<groups_behind<6>, ls32>,                            //
                                         pegtl::seq<dcolon, groups_behind<5>, ls32>,                    //
                                         pegtl::seq<groups_before<1>, dcolon, groups_behind<4>, ls32>,  //
                                         pegtl::seq<groups_before<2>, dcolon, groups_behind<3>, ls32>,  //
                                         pegtl::seq<groups_before<3>, dcolon, groups_behind<2>, ls32>,  //
                                         pegtl::seq<groups_before<4>, dcolon, groups_behind<1>, ls32>,  //
                                         pegtl::seq<groups_before<5>, dcolon, ls32>,                    //
                                         pegtl::seq<groups_before<6>, dcolon, h16>,                     //
                                         pegtl::seq<groups_before<7>, dcolon>> {};
struct address_literal
    : pegtl::seq<pegtl::one<'['>,
                 pegtl::sor<pegtl::seq<TAO_PEGTL_ISTRING("IPv6:"), ipv6_address_literal>, ipv4_address_literal>,
                 pegtl::one<']'>> {};

struct atext
    : pegtl::sor<
          pegtl::alnum,
          pegtl::one<'!', '#', '$', '%', '&', '\'', '*', '+', '-', '/', '=', '?', '^', '_', '`', '{', '|', '}', '~'>,
          utf8_non_ascii> {};
struct atom : pegtl::plus<atext> {};
struct dot_string : pegtl::list<atom, pegtl::one<'.'>> {};

struct qtext : pegtl::sor<pegtl::ranges<' ', '!', '#', '[', ']', '~'>, utf8_non_ascii> {};
struct quoted_pair : pegtl::seq<pegtl::one<'\\'>, pegtl::range<' ', '~'>> {};
struct quoted_string : pegtl::seq<pegtl::one<'"'>, pegtl::star<pegtl::sor<quoted_pair, qtext>>, pegtl::one<'"'>> {};

struct local_part : pegtl::sor<dot_string, quoted_string> {};
struct mailbox_domain : pegtl::sor<address_literal, domain> {};
struct mailbox : pegtl::seq<local_part, pegtl::one<'@'>, mailbox_domain> {};

// Entry points.
struct only_mailbox : pegtl::seq<mailbox, pegtl::eof> {};
struct only_dot_string : pegtl::seq<dot_string, pegtl::eof> {};

}  // namespace sluice::grammar::mail
