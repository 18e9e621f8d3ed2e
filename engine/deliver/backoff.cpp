#include "engine/deliver/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace sluice::deliver {

std::chrono::seconds wait_after(const RetryPolicy& policy, int attempts, double random) {
    const double doubled =
        static_cast<double>(policy.first_wait.count()) * std::pow(2.0, std::clamp(attempts - 1, 0, 62));
    const double base = std::min(doubled, static_cast<double>(policy.longest_wait.count()));
    const double varied = base * (1.0 + policy.jitter * (2.0 * random - 1.0));
    return std::chrono::seconds(std::max<long long>(1, std::llround(varied)));
}

}  // namespace sluice::deliver
