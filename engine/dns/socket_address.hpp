// "192.0.2.53:53" and "[2001:db8::53]:53" of configuration.md section 2, addresses only: nothing is looked up.
#pragma once

#include <optional>
#include <string_view>

#include "engine/base/asio.hpp"

namespace sluice::dns {

// The port may be 0.
[[nodiscard]] std::optional<asio::ip::tcp::endpoint> parse_socket_address(std::string_view text);

}  // namespace sluice::dns
