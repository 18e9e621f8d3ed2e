#include "engine/net/own_endpoints.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "engine/base/ip_address.hpp"

namespace sluice::net {

namespace {

void add(const sockaddr& from, std::vector<asio::ip::address>& into) {
    if (from.sa_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
        into.emplace_back(asio::ip::address_v4(ntohl(v4.sin_addr.s_addr)));
    } else if (from.sa_family == AF_INET6) {
        asio::ip::address_v6::bytes_type bytes;
        std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(from).sin6_addr, bytes.size());
        into.emplace_back(asio::ip::address_v6(bytes));
    }
}

}  // namespace

OwnEndpoints::OwnEndpoints(std::vector<asio::ip::tcp::endpoint> listening) : listening_(std::move(listening)) {
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return;  // loopback is known without it
    for (const ifaddrs* each = first; each; each = each->ifa_next)
        if (each->ifa_addr) add(*each->ifa_addr, local_);
    ::freeifaddrs(first);
}

bool OwnEndpoints::is_local(const asio::ip::address& address) const {
    return address.is_loopback() || address.is_unspecified() ||
           std::find(local_.begin(), local_.end(), address) != local_.end();
}

bool OwnEndpoints::contains(const asio::ip::tcp::endpoint& endpoint) const {
    const auto address = unmapped(endpoint.address());
    return std::any_of(listening_.begin(), listening_.end(), [&](const asio::ip::tcp::endpoint& own) {
        if (own.port() != endpoint.port()) return false;
        const auto listened = unmapped(own.address());
        return listened == address || (listened.is_unspecified() && is_local(address)) ||
               (address.is_unspecified() && is_local(listened));
    });
}

}  // namespace sluice::net
