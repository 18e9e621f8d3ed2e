#include "dsl/lib/ip_network.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace sluice::dsl::lib {

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
    const std::string copy(text);
    IpAddress address;
    if (inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1)
        return address.text() == copy ? std::optional(address) : std::nullopt;
    address.v6 = true;
    if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
    return std::nullopt;
}

std::string IpAddress::text() const {
    char buffer[INET6_ADDRSTRLEN];
    return inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), buffer, sizeof buffer) ? buffer : "";
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    IpNetwork network{*address, 0};
    const auto digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), network.prefix);
    if (error != std::errc() || end != digits.data() + digits.size() || network.prefix > (address->v6 ? 128u : 32u))
        return std::nullopt;
    return network;
}

bool IpNetwork::contains(const IpAddress& other) const noexcept {
    if (other.v6 != address.v6) return false;
    const auto whole = prefix / 8;
    if (std::memcmp(address.bytes.data(), other.bytes.data(), whole) != 0) return false;
    const auto rest = prefix % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xff00u >> rest);
    return (address.bytes[whole] & mask) == (other.bytes[whole] & mask);
}

bool IpNetwork::contains(const IpNetwork& other) const noexcept {
    return other.prefix >= prefix && contains(other.address);
}

std::string IpNetwork::text() const { return address.text() + "/" + std::to_string(prefix); }

}  // namespace sluice::dsl::lib
