// What one system call or one BoringSSL call on a non-blocking socket gave: done, or the readiness it asks for.
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "engine/base/asio.hpp"

namespace sluice::tls {

struct Step {
    enum class Next : std::uint8_t { done, wait_readable, wait_writable, closed, failed };
    Next next = Next::done;
    std::size_t bytes = 0;
    error_code why;  // for failed, and for a closed that was a reset

    // Of recv() or send(); `blocked` is what EAGAIN means there.
    [[nodiscard]] static Step of_system_call(ssize_t result, int error_number, Next blocked) {
        if (result >= 0) return {Next::done, static_cast<std::size_t>(result), {}};
        if (error_number == EAGAIN || error_number == EWOULDBLOCK) return {blocked, 0, {}};
        const error_code why(error_number, boost::system::system_category());
        const bool gone = error_number == ECONNRESET || error_number == EPIPE || error_number == ENOTCONN;
        return {gone ? Next::closed : Next::failed, 0, why};
    }
};

}  // namespace sluice::tls
