// Networks by prefix: whether any of many contains an address, in as many steps as the shortest such prefix has bits.
#pragma once

#include <cstdint>
#include <vector>

#include "dsl/lib/ip_network.hpp"

namespace sluice::dsl::lib {

class NetworkTrie {
  public:
    void add(const IpNetwork& network);
    [[nodiscard]] bool contains(const IpAddress& address) const noexcept;
    // Whether one of them contains all of it.
    [[nodiscard]] bool contains(const IpNetwork& network) const noexcept;

  private:
    struct Node {
        std::uint32_t child[2] = {0, 0};  // 0: none
        bool ends = false;                // a network of this prefix is here
    };
    [[nodiscard]] bool search(const IpAddress& address, unsigned bits) const noexcept;
    std::vector<Node> nodes_{Node(), Node()};  // the roots of IPv4 and IPv6
};

}  // namespace sluice::dsl::lib
