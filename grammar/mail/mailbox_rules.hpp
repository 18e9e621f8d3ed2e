// PEGTL rules for mailboxes: RFC 5321 4.1.2 and 4.1.3 with the UTF-8 of RFC 6531 3.3. Names as in the RFCs.
// Where we are more lenient than the RFC: "_" counts as a letter in domains, because hosts with it exist.
#pragma once

#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/uri.hpp>

namespace sluice::grammar::mail {

namespace pegtl = tao::pegtl;

struct utf8_non_ascii : pegtl::utf8::range<0x80, 0x10FFFF> {};

struct let_dig : pegtl::sor<pegtl::alnum, pegtl::one<'_'>, utf8_non_ascii> {};
struct sub_domain
    : pegtl::seq<let_dig, pegtl::star<pegtl::sor<let_dig, pegtl::seq<pegtl::plus<pegtl::one<'-'>>, pegtl::at<let_dig>>>>> {
};
struct domain : pegtl::list<sub_domain, pegtl::one<'.'>> {};

struct ipv4_address_literal : pegtl::uri::IPv4address {};
struct ipv6_address_literal : pegtl::uri::IPv6address {};
struct address_literal : pegtl::seq<pegtl::one<'['>,
                                    pegtl::sor<pegtl::seq<TAO_PEGTL_ISTRING("IPv6:"), ipv6_address_literal>,
                                               ipv4_address_literal>,
                                    pegtl::one<']'>> {};

struct atext : pegtl::sor<pegtl::alnum,
                          pegtl::one<'!', '#', '$', '%', '&', '\'', '*', '+', '-', '/', '=', '?', '^', '_', '`', '{',
                                     '|', '}', '~'>,
                          utf8_non_ascii> {};
struct atom : pegtl::plus<atext> {};
struct dot_string : pegtl::list<atom, pegtl::one<'.'>> {};

struct qtext : pegtl::sor<pegtl::ranges<' ', '!', '#', '[', ']', '~'>, utf8_non_ascii> {};
struct quoted_pair : pegtl::seq<pegtl::one<'\\'>, pegtl::range<' ', '~'>> {};
struct quoted_string
    : pegtl::seq<pegtl::one<'"'>, pegtl::star<pegtl::sor<quoted_pair, qtext>>, pegtl::one<'"'>> {};

struct local_part : pegtl::sor<dot_string, quoted_string> {};
struct mailbox_domain : pegtl::sor<address_literal, domain> {};
struct mailbox : pegtl::seq<local_part, pegtl::one<'@'>, mailbox_domain> {};

// Entry points.
struct only_mailbox : pegtl::seq<mailbox, pegtl::eof> {};
struct only_dot_string : pegtl::seq<dot_string, pegtl::eof> {};

}  // namespace sluice::grammar::mail
