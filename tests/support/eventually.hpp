// For what another thread brings about.
#pragma once

#include <chrono>
#include <thread>

namespace sluice::test {

// Waits until it is true; whether it ever was, with all the time a loaded machine may need.
template <class Condition>
[[nodiscard]] bool eventually(const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

}  // namespace sluice::test
