// Whether a message sent to an address and port would come back to this server. Immutable: the addresses of the machine
// are those of the moment it was made.
#pragma once

#include <vector>

#include "engine/base/asio.hpp"

namespace sluice::net {

class OwnEndpoints {
  public:
    // `listening` may have the unspecified address: every address of the machine.
    explicit OwnEndpoints(std::vector<asio::ip::tcp::endpoint> listening);

    [[nodiscard]] bool contains(const asio::ip::tcp::endpoint& endpoint) const;

  private:
    [[nodiscard]] bool is_local(const asio::ip::address& address) const;

    std::vector<asio::ip::tcp::endpoint> listening_;
    std::vector<asio::ip::address> local_;
};

}  // namespace sluice::net
