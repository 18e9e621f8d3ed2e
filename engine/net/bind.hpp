// Opening listening sockets: one for each address and thread, sharing the port by SO_REUSEPORT, all bound before any of
// them listens, so that a server either stands on all its addresses or on none.
#pragma once

#include <string>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/base/result.hpp"

namespace sluice::net {

struct BindError {
    std::string address;  // "127.0.0.1:25"
    int error = 0;        // errno
    std::string remedy;   // what to do about it

    // "cannot listen on 127.0.0.1:25: Address already in use (...)"
    [[nodiscard]] std::string to_string() const;
};

using Acceptors = std::vector<asio::ip::tcp::acceptor>;

// One acceptor on `endpoint` for each of `contexts`, bound but not listening. With port 0 all share the port the kernel
// chose for the first.
[[nodiscard]] Result<Acceptors, BindError> bind_shared(const asio::ip::tcp::endpoint& endpoint,
                                                       const std::vector<asio::io_context*>& contexts);

// Makes a bound acceptor listen (limits::listen_backlog).
[[nodiscard]] std::optional<BindError> listen(asio::ip::tcp::acceptor& acceptor);

[[nodiscard]] std::string to_string(const asio::ip::tcp::endpoint& endpoint);

}  // namespace sluice::net
