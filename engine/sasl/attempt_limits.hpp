// How often a client may fail to authenticate: in one session (the session counts), and from one address in a sliding
// window, however many sessions it opens. Pure: time comes from the caller, nothing is locked. One object for the
// process behind a mutex, or one for each worker (limits then hold per worker).
//
//   const auto key = AttemptLimits::address_key(bytes of the peer's address);
//   if (limits.check(failures in this session, key, now) != AttemptVerdict::go_on) -> refuse AUTH, close
//   ... exchange fails: ++failures; limits.failed(key, now);
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <span>
#include <vector>

#include "engine/base/limits.hpp"

namespace sluice::sasl {

enum class AttemptVerdict : std::uint8_t { go_on, session_limit, address_limit };

class AttemptLimits {
  public:
    using Time = std::chrono::steady_clock::time_point;
    using AddressKey = std::array<std::uint8_t, 16>;

    struct Settings {
        int session_failures = -1;                     // config.server.smtp.auth.attempt_count_max; negative: no limit
        int address_failures = limits::auth_failures;  // negative: no limit
        std::chrono::milliseconds window = limits::auth_window;
        std::size_t addresses =
            limits::auth_addresses;  // >= 1; when full, the address whose last failure is oldest goes
    };

    explicit AttemptLimits(Settings settings) : settings_(settings) {}
    AttemptLimits() : AttemptLimits(Settings{}) {}

    // 4 or 16 bytes in network order. An IPv4 address is itself, also when mapped into IPv6; of IPv6 the first 64 bits
    // count, for a client has all the others to itself.
    [[nodiscard]] static AddressKey address_key(std::span<const std::uint8_t> address) noexcept;

    // Whether one more attempt may begin.
    [[nodiscard]] AttemptVerdict check(int session_failures, const AddressKey& address, Time now);
    void failed(const AddressKey& address, Time now);

    // Addresses with a failure that is remembered: never more than settings.addresses.
    [[nodiscard]] std::size_t remembered() const noexcept { return places_.size(); }

  private:
    struct Entry {
        AddressKey address;
        std::vector<Time> failures;  // oldest first; never more than address_failures
    };

    void forget_old(Time now);

    Settings settings_;
    std::list<Entry> entries_;  // by time of the last failure, oldest first
    std::map<AddressKey, std::list<Entry>::iterator> places_;
};

}  // namespace sluice::sasl
