// Datagrams between processes of this machine that carry open files (SCM_RIGHTS), over local sockets of the type
// SOCK_SEQPACKET. Functions block, and may be called from several threads at once.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "engine/io/descriptor.hpp"

namespace sluice::io {

inline constexpr std::size_t kMostPassed = 4;  // descriptors with one datagram

// Two ends; neither is inherited by programs that are started.
struct SocketPair {
    Descriptor ours;
    Descriptor theirs;
    std::error_code failed;
};
[[nodiscard]] SocketPair make_socket_pair();

// The files stay open here, too. Error connection_reset or broken_pipe: the other side has gone.
[[nodiscard]] std::error_code send_passing(int socket, std::string_view octets, std::span<const int> descriptors);

struct PassedDatagram {
    std::string octets;
    std::array<Descriptor, kMostPassed> files;  // in order, not open behind the last one
};
// nullopt: the other side has gone. Octets above `most` are cut off, which its reader must notice.
[[nodiscard]] std::optional<PassedDatagram> receive_passed(int socket, std::size_t most);

}  // namespace sluice::io
