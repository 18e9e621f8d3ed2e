// Where transport::forward sends: the forms of vsl-rules.md 9.9. Stored with the recipient as the text that was given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::deliver {

enum class ForwardTls : std::uint8_t { none, opportunistic, required, tunnel, dane_only };

struct ForwardTarget {
    std::string host;  // name or address, without brackets; a zone stays: "fe80::1%eth0"
    bool is_address = false;
    std::uint16_t port = 25;
    std::optional<ForwardTls> tls;  // not said: as config.delivery has it for this host
    std::string user;               // empty: no credentials
    std::string password;
    std::string verify;  // "ca", "host" … as in the configuration; empty: not said
    std::string sni;     // empty: not said

    [[nodiscard]] bool operator==(const ForwardTarget&) const = default;
};

struct ParsedTarget {
    std::optional<ForwardTarget> target;
    std::string error;  // why there is none
};

[[nodiscard]] ParsedTarget parse_forward_target(std::string_view text);

// How a recipient is delivered, as the spool and Recipient::transport have it: "" (config.delivery.transport),
// "deliver", "mbox", "maildir" (where the router says), "forward TARGET".
inline constexpr std::string_view forward_prefix = "forward ";
// The same for logs and tools: without a password.
[[nodiscard]] std::string shown_method(std::string_view method);

}  // namespace sluice::deliver
