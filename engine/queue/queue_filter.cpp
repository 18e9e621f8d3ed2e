#include "engine/queue/queue_filter.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace sluice::queue {

namespace {

bool like(const std::string& pattern, const std::string& text) {
    return ::fnmatch(pattern.c_str(), text.c_str(), FNM_CASEFOLD | FNM_NOESCAPE) == 0;
}

}  // namespace

bool QueueFilter::fits(const StoredEnvelope& stored, TimePoint now) const {
    const Envelope& envelope = stored.envelope;
    if (!ids.empty() && std::find(ids.begin(), ids.end(), envelope.id) == ids.end()) return false;
    if (queue && *queue != stored.queue) return false;
    if (older && now - envelope.received < *older) return false;
    if (from == "<>" ? !envelope.reverse_path.empty() : !from.empty() && !like(from, envelope.reverse_path))
        return false;
    const auto& all = envelope.recipients;
    const bool over = std::all_of(all.begin(), all.end(), [](const Recipient& each) { return each.done(); });
    return to.empty() || std::any_of(all.begin(), all.end(), [&](const Recipient& each) {
               return (over || !each.done()) && like(to, each.address);
           });
}

}  // namespace sluice::queue
