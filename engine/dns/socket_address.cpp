#include "engine/dns/socket_address.hpp"

#include <charconv>
#include <string>

namespace sluice::dns {

std::optional<asio::ip::tcp::endpoint> parse_socket_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon + 1 == text.size()) return std::nullopt;
    const std::string_view digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (failed != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    error_code problem;
    const auto address = asio::ip::make_address(std::string(host), problem);
    if (problem || address.is_v6() != bracketed) return std::nullopt;
    return asio::ip::tcp::endpoint(address, port);
}

}  // namespace sluice::dns
