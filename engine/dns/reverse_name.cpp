#include "engine/dns/reverse_name.hpp"

#include <cassert>

#include "engine/base/ip_address.hpp"

namespace sluice::dns {

namespace {

Name parsed(const std::string& text) {
    auto name = Name::parse(text);
    assert(name.ok());
    return std::move(name).value();
}

// Without the zone, and with a final dot that list_name() and reverse_name() replace.
std::string reversed_labels(const asio::ip::address& address) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    if (address.is_v4()) {
        const auto bytes = address.to_v4().to_bytes();
        for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) text += std::to_string(*byte) + '.';
    } else {
        const auto bytes = address.to_v6().to_bytes();
        for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
            text += {digits[*byte & 15], '.', digits[*byte >> 4], '.'};
        }
    }
    return text;
}

}  // namespace

Name reverse_name(const asio::ip::address& address) {
    const auto plain = unmapped(address);
    return parsed(reversed_labels(plain) + (plain.is_v4() ? "in-addr.arpa." : "ip6.arpa."));
}

Result<Name, NameError> list_name(const Name& zone, const asio::ip::address& address) {
    return parsed(reversed_labels(unmapped(address))).under(zone);
}

}  // namespace sluice::dns
