#include "engine/io/passed_descriptors.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sluice::io {

namespace {

// Room for the control message, aligned as it must be.
union Control {
    cmsghdr header;
    char octets[CMSG_SPACE(kMostPassed * sizeof(int))];
};

std::error_code last_error() { return {errno, std::system_category()}; }

}  // namespace

SocketPair make_socket_pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return {{}, {}, last_error()};
    return {Descriptor(ends[0]), Descriptor(ends[1]), {}};
}

std::error_code send_passing(int socket, std::string_view octets, std::span<const int> descriptors) {
    iovec part{const_cast<char*>(octets.data()), octets.size()};
    Control control{};
    const std::size_t bytes = std::min(descriptors.size(), kMostPassed) * sizeof(int);
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(bytes);
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(bytes);
    std::memcpy(CMSG_DATA(&control.header), descriptors.data(), bytes);
    ssize_t sent = 0;
    do {
        sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? last_error() : std::error_code();
}

std::optional<PassedDatagram> receive_passed(int socket, std::size_t most) {
    PassedDatagram datagram;
    datagram.octets.resize(most);
    iovec part{datagram.octets.data(), most};
    Control control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    ssize_t got = 0;
    do {
        got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return std::nullopt;
    datagram.octets.resize(static_cast<std::size_t>(got));
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        std::array<int, kMostPassed> numbers{};
        const std::size_t count = std::min((header->cmsg_len - CMSG_LEN(0)) / sizeof(int), kMostPassed);
        std::memcpy(numbers.data(), CMSG_DATA(header), count * sizeof(int));
        for (std::size_t i = 0; i < count; ++i) datagram.files[i] = Descriptor(numbers[i]);
    }
    return datagram;
}

}  // namespace sluice::io
