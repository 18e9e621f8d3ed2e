// How many TLS handshakes of a client address have failed lately, however many connections they took: what rules of
// `connect` ask with ctx::tls_failures("10m"). One object for the process; any thread may call it. Bounded: when the
// table is full, the address whose last failure is oldest goes.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/base/limits.hpp"
#include "engine/sasl/attempt_limits.hpp"

namespace sluice::smtp {

// Of IPv6 the first 64 bits count.
[[nodiscard]] sasl::AttemptLimits::AddressKey key_of(const asio::ip::address& address);

class HandshakeFailures {
  public:
    using Time = std::chrono::steady_clock::time_point;

    HandshakeFailures() = default;
    explicit HandshakeFailures(std::size_t addresses) : most_(addresses) {}

    void failed(const asio::ip::address& address, Time now);
    // Within `window` before now, limits::tls_failures at most. A window is limits::tls_failure_window at most: what is
    // older has been forgotten.
    [[nodiscard]] std::size_t count(const asio::ip::address& address, std::chrono::milliseconds window, Time now);

    [[nodiscard]] std::size_t remembered() const;

  private:
    using Key = sasl::AttemptLimits::AddressKey;
    struct Entry {
        Key address;
        std::vector<Time> failures;  // oldest first
    };

    void forget_old(Time now);

    std::size_t most_ = limits::tls_failure_addresses;
    mutable std::mutex mutex_;
    std::list<Entry> entries_;  // by time of the last failure, oldest first
    std::map<Key, std::list<Entry>::iterator> places_;
};

}  // namespace sluice::smtp
