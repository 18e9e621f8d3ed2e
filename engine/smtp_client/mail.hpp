// What Connection::send() is given: one mail transaction. Everything is borrowed and must stay until its send() has
// ended; the content is never copied as a whole.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sluice::smtp_client {

struct Recipient {
    std::string_view forward_path;  // without <>
    // RFC 3461, as they go over the wire; empty: not sent. Sent only to servers that offer DSN.
    std::string_view orcpt;   // "rfc822;jane+40example.org": address type, xtext
    std::string_view notify;  // "NEVER", or a list of SUCCESS, FAILURE, DELAY
};

enum class Ret : std::uint8_t { unset, full, headers };  // RFC 3461 4.3

struct Mail {
    std::string_view reverse_path;  // without <>; empty: the null reverse-path
    std::span<const Recipient> recipients;
    // The message, one piece after the other, cut anywhere: CRLF lines, dots not stuffed. A CRLF at the end is added if
    // it lacks.
    std::span<const std::string_view> content;
    bool eight_bit = false;   // the content has octets above 127: needs 8BITMIME (RFC 6152)
    bool smtputf8 = false;    // header fields or addresses need SMTPUTF8 (RFC 6531)
    bool requiretls = false;  // the sender asked for it (RFC 8689); said only where the connection offers and wants it
    std::string_view envid;   // xtext (RFC 3461); empty: not sent
    Ret ret = Ret::unset;
    std::uint64_t size = 0;  // octets of the content, for SIZE (RFC 1870); 0: counted
};

}  // namespace sluice::smtp_client
