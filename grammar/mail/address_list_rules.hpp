// PEGTL rules for the address lists of From, To, Cc …: RFC 5322 3.4 and 4.4, names as there. The list is flat: a group
// is its beginning ("Name:"), the addresses, and ";". Where we are more lenient than the RFC, because such mail exists:
// dots anywhere in local parts and domains, "@" and brackets in display names, ";" between addresses, empty elements.
// What is no address is `unreadable` up to the next separator, so that one bad element does not hide the others.
#pragma once

#include "grammar/mail/field_rules.hpp"

namespace sluice::grammar::mail::field {

struct atext : pegtl::not_one<' ', '\t', '\r', '\n', '(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',', '.', '"'> {
};

// --- addr-spec
struct local_atom : pegtl::plus<atext> {};
struct local_quoted : quoted_string {};
struct local_word : pegtl::sor<local_quoted, local_atom> {};
struct local_dot : pegtl::one<'.'> {};
struct local_part : pegtl::seq<pegtl::star<local_dot>, local_word,
                               pegtl::star<pegtl::seq<cfws, pegtl::plus<local_dot>, cfws, pegtl::opt<local_word>>>> {};

struct domain_atom : pegtl::plus<atext> {};
struct domain_dot : pegtl::one<'.'> {};
struct domain_literal : pegtl::seq<pegtl::one<'['>, pegtl::star<pegtl::not_one<'[', ']', '\\'>>, pegtl::one<']'>> {};
struct domain
    : pegtl::sor<domain_literal,
                 pegtl::seq<domain_atom, pegtl::star<pegtl::seq<cfws, domain_dot, cfws, pegtl::opt<domain_atom>>>>> {};

struct addr_spec_begin : pegtl::success {};
struct addr_spec : pegtl::seq<addr_spec_begin, local_part, cfws, pegtl::one<'@'>, cfws, domain> {};

// --- mailbox
struct phrase_text : pegtl::plus<pegtl::not_one<' ', '\t', '\r', '\n', '(', ')', '<', '>', ':', ';', ',', '"'>> {};
struct phrase_word : pegtl::sor<quoted_string, phrase_text> {};
struct phrase : pegtl::seq<phrase_word, pegtl::star<pegtl::seq<cfws, phrase_word>>> {};
struct display_name : phrase {};

struct obs_route : pegtl::seq<pegtl::one<'@'>, pegtl::star<pegtl::not_one<'<', '>', ':', '"', '('>>, pegtl::one<':'>> {
};
struct angle_addr : pegtl::seq<pegtl::one<'<'>, cfws, pegtl::opt<obs_route>, addr_spec, cfws, pegtl::one<'>'>> {};
struct element_end : pegtl::at<pegtl::sor<pegtl::eof, pegtl::one<',', ';'>>> {};
struct name_addr : pegtl::seq<pegtl::opt<display_name, cfws>, angle_addr, cfws, element_end> {};
struct bare_addr : pegtl::seq<addr_spec, cfws, element_end> {};

// --- the list
struct comma : pegtl::one<','> {};
struct semicolon : pegtl::one<';'> {};
struct group_begin : pegtl::seq<phrase, cfws, pegtl::one<':'>> {};
struct element_begin : pegtl::success {};
struct mailbox : pegtl::seq<element_begin, pegtl::sor<name_addr, bare_addr>> {};
struct unreadable : pegtl::plus<pegtl::sor<quoted_string, comment, pegtl::not_one<',', ';'>>> {};
struct address_list
    : pegtl::seq<pegtl::star<pegtl::sor<fws, comment, comma, semicolon, group_begin, mailbox, unreadable>>,
                 pegtl::eof> {};

}  // namespace sluice::grammar::mail::field
