// Where a transport "lmtp:…" delivers (RFC 2033): "HOST:PORT", "[ADDRESS]:PORT" or "/path/of/socket". Pure. A text with
// a
// "/" is a path. There is no default port: port 25 must not speak LMTP, and no other is agreed on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::deliver {

struct LmtpTarget {
    std::string host;  // name or address, without brackets; empty: a local socket
    std::uint16_t port = 0;
    std::string socket;

    [[nodiscard]] bool operator==(const LmtpTarget&) const = default;
};

struct ParsedLmtpTarget {
    std::optional<LmtpTarget> target;
    std::string error;  // why there is none
};

[[nodiscard]] ParsedLmtpTarget parse_lmtp_target(std::string_view text);

}  // namespace sluice::deliver
