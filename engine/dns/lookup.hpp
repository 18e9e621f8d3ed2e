// The questions of a mail server on top of Resolver::query(). Used by delivery, by dns::* of the rules, SPF, DKIM,
// DMARC and DNS lists. Every function may be cancelled like query() and passes its outcomes on unchanged; the resolver
// must live until the function has returned.
#pragma once

#include <string>
#include <vector>

#include "engine/dns/resolver.hpp"
#include "engine/dns/resolver_settings.hpp"
#include "engine/dns/reverse_name.hpp"

namespace sluice::dns {

struct Addresses : Finding {
    std::vector<asio::ip::address> addresses;  // in the order of the strategy
};

// A and AAAA. "…Then…" asks for the second family only if the first gave no address; Ipv4AndIpv6 asks for both at once
// and has IPv4 first. found: at least one address, even if the other family failed. secure: every answer that says
// something is. A host without final dot that is an IP address is that address, without a question; otherwise it
// follows the search list.
[[nodiscard]] asio::awaitable<Addresses> addresses(Resolver& resolver, Name host, IpStrategy strategy);

struct MailExchangers : Finding {
    // By preference, in random order where preferences are equal (RFC 5321 5.1). Exchanges are absolute: they can be
    // given to addresses() as they are. Empty with a null MX.
    std::vector<Mx> hosts;
    bool null_mx = false;   // the domain accepts no mail (RFC 7505): 556 5.1.10, no DSN to it
    bool implicit = false;  // the domain has no MX and is its own exchange (RFC 5321 5.1); its addresses are not asked
};

// MX. A domain of an address is absolute, whatever its last character. found: hosts, or null_mx. A "." beside other
// exchanges, which RFC 7505 3 forbids, is dropped. secure belongs to the MX answer, or to the proof that there is none.
[[nodiscard]] asio::awaitable<MailExchangers> mail_exchangers(Resolver& resolver, Name domain);

struct Texts : Finding {
    std::vector<std::string> texts;
};

// TXT of the absolute name.
[[nodiscard]] asio::awaitable<Texts> texts(Resolver& resolver, Name name);

struct ReverseNames : Finding {
    std::vector<Name> names;  // absolute: text() has the final dot
};

// PTR.
[[nodiscard]] asio::awaitable<ReverseNames> reverse(Resolver& resolver, asio::ip::address address);

struct Listing : Finding {
    // found: why the address is listed, sorted. Some lists put errors here too (127.255.255.0/24 of Spamhaus).
    std::vector<asio::ip::address_v4> codes;
};

// RFC 5782: is `address` on the list `zone`? Only A records inside 127.0.0.0/8 count; with nothing but others (a list
// that has closed and answers everything) the outcome is no_data and `why` says so. no_domain, no_data: not listed. The
// reason for people is texts() of list_name(). A zone that leaves no room for the address lists nothing: no_domain,
// without a question; who reads zones from a configuration checks them with list_name().
[[nodiscard]] asio::awaitable<Listing> dnsbl(Resolver& resolver, Name zone, asio::ip::address address);

}  // namespace sluice::dns
