// One mailbox of the envelope: reverse-path or forward-path without brackets and source route (RFC 5321 4.1.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::smtp {

struct Address {
    std::string local_part;  // without quoting: `"john doe"@x` has the local part `john doe`
    std::string domain;      // as received; literals keep their brackets: "[192.0.2.1]", "[IPv6:::1]"
    std::string text;        // canonical: local part quoted only if it must be, "@", domain

    // The null reverse-path `<>`: every member empty.
    [[nodiscard]] bool null() const noexcept { return text.empty(); }
    // UTF-8 outside ASCII: needs SMTPUTF8 at the next hop (RFC 6531).
    [[nodiscard]] bool needs_smtputf8() const noexcept;

    // Builds `text`. No check: use parse_address for text from outside.
    [[nodiscard]] static Address make(std::string_view local_part, std::string_view domain);
};

// Local parts compare exactly, domains without regard to ASCII case (decisions.md, "comparisons").
[[nodiscard]] bool operator==(const Address& a, const Address& b) noexcept;

// "a@b", `"a b"@c`, "a@[192.0.2.1]"; nullopt for anything else, "" and "<>" included.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

[[nodiscard]] bool equal_ignoring_ascii_case(std::string_view a, std::string_view b) noexcept;

}  // namespace sluice::smtp
