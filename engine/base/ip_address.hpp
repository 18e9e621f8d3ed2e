// Addresses of clients, as sockets give them.
#pragma once

#include "engine/base/asio.hpp"

namespace sluice {

// An IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) as IPv4, any other as it is: an IPv4 client of a listener for
// both families is an IPv4 client.
[[nodiscard]] asio::ip::address unmapped(const asio::ip::address& address);

}  // namespace sluice
