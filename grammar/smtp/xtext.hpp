// xtext (RFC 3461 4): printable ASCII, in which "+" and two digits stand for an octet.
#pragma once

#include <string>
#include <string_view>

namespace sluice::grammar::smtp {

[[nodiscard]] std::string encode_xtext(std::string_view text);

// "+2B" becomes "+". What is no xtext stays as it is.
[[nodiscard]] std::string decode_xtext(std::string_view xtext);

// The ORCPT of an address that came without one: "rfc822;joe+2Bx@example.com", and with the type utf-8 of RFC 6533 3 if
// it is not ASCII.
[[nodiscard]] std::string original_recipient_of(std::string_view address);

}  // namespace sluice::grammar::smtp
