#include "dsl/lib/network_trie.hpp"

namespace sluice::dsl::lib {

namespace {
unsigned bit(const IpAddress& address, unsigned i) noexcept { return (address.bytes[i / 8] >> (7 - i % 8)) & 1u; }
}  // namespace

void NetworkTrie::add(const IpNetwork& network) {
    std::uint32_t at = network.address.v6 ? 1 : 0;
    for (unsigned i = 0; i < network.prefix; ++i) {
        if (nodes_[at].ends) return;  // a shorter prefix covers it
        const auto side = bit(network.address, i);
        if (nodes_[at].child[side] == 0) {
            nodes_[at].child[side] = static_cast<std::uint32_t>(nodes_.size());
            nodes_.emplace_back();
        }
        at = nodes_[at].child[side];
    }
    nodes_[at].ends = true;
}

bool NetworkTrie::search(const IpAddress& address, unsigned bits) const noexcept {
    std::uint32_t at = address.v6 ? 1 : 0;
    for (unsigned i = 0;; ++i) {
        if (nodes_[at].ends) return true;
        if (i == bits) return false;
        at = nodes_[at].child[bit(address, i)];
        if (at == 0) return false;
    }
}

bool NetworkTrie::contains(const IpAddress& address) const noexcept { return search(address, address.v6 ? 128 : 32); }
bool NetworkTrie::contains(const IpNetwork& network) const noexcept { return search(network.address, network.prefix); }

}  // namespace sluice::dsl::lib
