// Addresses and networks of IPv4 and IPv6 as 128 bits. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::dsl::lib {

struct IpAddress {
    bool v6 = false;
    std::array<std::uint8_t, 16> bytes{};  // IPv4 in the first four

    // Strict: four decimal numbers without leading zeros, or RFC 4291 text.
    [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
    [[nodiscard]] std::string text() const;  // IPv6 as in RFC 5952
    bool operator==(const IpAddress&) const = default;
};

struct IpNetwork {
    IpAddress address;
    unsigned prefix = 0;

    // "10.0.0.0/8": the prefix is mandatory, host bits are allowed.
    [[nodiscard]] static std::optional<IpNetwork> parse(std::string_view text);
    [[nodiscard]] bool contains(const IpAddress& other) const noexcept;
    [[nodiscard]] bool contains(const IpNetwork& other) const noexcept;
    [[nodiscard]] std::string text() const;
    bool operator==(const IpNetwork&) const = default;
};

}  // namespace sluice::dsl::lib
