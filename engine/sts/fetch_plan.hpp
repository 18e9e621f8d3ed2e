// When a policy is fetched (RFC 8461 3.3, 5.1), from what is known of a domain and what its TXT record says: pure.
// policies.cpp is its user.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/limits.hpp"
#include "engine/sts/policy_fetcher.hpp"

namespace sluice::sts {

// What is remembered of one domain.
struct Known {
    std::shared_ptr<const CachedPolicy> cached;  // null: none; may have expired
    struct Failed {
        TimePoint at;
        FetchFailure failure;
    };
    std::optional<Failed> failed;  // the last attempt, if it failed

    [[nodiscard]] bool in_force(TimePoint now) const { return cached && !cached->expired(now); }
};

// What the DNS says of one domain, today.
struct Discovery {
    std::optional<std::string> id;       // exactly one valid record
    std::optional<FetchFailure> failed;  // the DNS did not answer, or with records that mean nothing
};

enum class FetchPlan : std::uint8_t {
    none,    // what is known counts
    behind,  // what is known counts; meanwhile it is refreshed, so that it does not expire
    first,   // fetch before anything is said
};

struct FetchTimes {
    std::chrono::seconds rest = limits::sts_rest;        // after a failed attempt
    std::chrono::seconds refresh = limits::sts_refresh;  // or half of max_age, if that is sooner
};

// The last attempt failed, and that was not long ago.
[[nodiscard]] bool resting(const Known& known, TimePoint now, const FetchTimes& times);

// `asked`: somebody wants to be sure that what is known still counts (before a bounce), whatever its age.
[[nodiscard]] FetchPlan plan_fetch(const Known& known, const Discovery& discovery, TimePoint now, bool asked,
                                   const FetchTimes& times);

}  // namespace sluice::sts
