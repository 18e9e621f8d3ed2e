#include "engine/tls/socket_bio.hpp"

#include <sys/socket.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdint>

namespace sluice::tls {

namespace {

int descriptor_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

bool blocked(int error_number) {
    return error_number == EAGAIN || error_number == EWOULDBLOCK || error_number == EINTR;
}

int write_socket(BIO* bio, const char* bytes, int count) {
    const ssize_t sent = ::send(descriptor_of(bio), bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL);
    BIO_clear_retry_flags(bio);
    if (sent < 0 && blocked(errno)) BIO_set_retry_write(bio);
    return static_cast<int>(sent);
}

int read_socket(BIO* bio, char* into, int count) {
    const ssize_t got = ::recv(descriptor_of(bio), into, static_cast<std::size_t>(count), 0);
    BIO_clear_retry_flags(bio);
    if (got < 0 && blocked(errno)) BIO_set_retry_read(bio);
    return static_cast<int>(got);
}

long control_socket(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* method() {
    static const BIO_METHOD* const made = [] {
        BIO_METHOD* fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sluice socket");
        if (fresh == nullptr) return fresh;
        BIO_meth_set_write(fresh, write_socket);
        BIO_meth_set_read(fresh, read_socket);
        BIO_meth_set_ctrl(fresh, control_socket);
        return fresh;
    }();
    return made;
}

}  // namespace

BIO* make_socket_bio(int descriptor) {
    const BIO_METHOD* kind = method();
    BIO* bio = kind != nullptr ? BIO_new(kind) : nullptr;
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
    BIO_set_init(bio, 1);
    return bio;
}

}  // namespace sluice::tls
