// When to try again: 1 min, 2 min, 4 min ... up to 4 h, each with jitter, so that messages that failed together do not
// come back together. Pure.
#pragma once

#include <chrono>

namespace sluice::deliver {

struct RetryPolicy {
    std::chrono::seconds first_wait{60};
    std::chrono::seconds longest_wait{4 * 3600};
    double jitter = 0.2;                           // part of the wait by which it varies in both directions
    std::chrono::seconds expiry{5 * 24 * 3600};    // since the message was received
    std::chrono::seconds delay_warning{4 * 3600};  // when the sender is told that it takes longer; 0: never

    [[nodiscard]] bool operator==(const RetryPolicy&) const = default;
};

// `attempts` made so far, at least 1; `random` from 0 to below 1.
[[nodiscard]] std::chrono::seconds wait_after(const RetryPolicy& policy, int attempts, double random);

}  // namespace sluice::deliver
