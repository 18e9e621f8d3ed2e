// Names made of addresses: in-addr.arpa, ip6.arpa (RFC 1035 3.5, RFC 3596 2.5) and DNS lists (RFC 5782 2.1, 2.4).
#pragma once

#include "engine/base/asio.hpp"
#include "engine/dns/name.hpp"

namespace sluice::dns {

// IPv4-mapped IPv6 addresses are taken for the IPv4 address they carry. Absolute.
[[nodiscard]] Name reverse_name(const asio::ip::address& address);

// "99.2.0.192.bl.example." for 192.0.2.99; nibbles for IPv6. too_long if the zone leaves no room.
[[nodiscard]] Result<Name, NameError> list_name(const Name& zone, const asio::ip::address& address);

}  // namespace sluice::dns
