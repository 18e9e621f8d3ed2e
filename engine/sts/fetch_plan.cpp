#include "engine/sts/fetch_plan.hpp"

#include <algorithm>

namespace sluice::sts {

namespace {

// A time ahead of the clock, which somebody has set back, is as good as none.
bool within(TimePoint since, TimePoint now, std::chrono::seconds span) { return now >= since && now - since < span; }

}  // namespace

bool resting(const Known& known, TimePoint now, const FetchTimes& times) {
    return known.failed && within(known.failed->at, now, times.rest);
}

FetchPlan plan_fetch(const Known& known, const Discovery& discovery, TimePoint now, bool asked,
                     const FetchTimes& times) {
    if (resting(known, now, times)) return FetchPlan::none;
    if (!known.in_force(now)) return discovery.id ? FetchPlan::first : FetchPlan::none;
    const CachedPolicy& cached = *known.cached;
    if (discovery.id && *discovery.id != cached.id) return FetchPlan::first;
    if (asked) return within(cached.fetched, now, times.rest) ? FetchPlan::none : FetchPlan::first;
    const std::chrono::seconds refresh = std::min(times.refresh, std::chrono::seconds(cached.policy.max_age) / 2);
    // Without a record too: who forges DNS answers must not be able to let the policy expire (RFC 8461 10.1).
    return within(cached.fetched, now, refresh) ? FetchPlan::none : FetchPlan::behind;
}

}  // namespace sluice::sts
