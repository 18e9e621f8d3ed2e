#include "engine/queue/spool_index.hpp"

#include <algorithm>

namespace sluice::queue {

void SpoolIndex::count(const Place& place) {
    if (!place) return;
    segments_[place.segment].living += place.bytes;
    living_ += place.bytes;
}

void SpoolIndex::discount(const Place& place) {
    if (!place) return;
    segments_[place.segment].living -= place.bytes;
    living_ -= place.bytes;
}

void SpoolIndex::apply(RecordType type, const Uuid& id, Queue queue, const Place& place, std::uint32_t body_checksum) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    const bool whole = type == RecordType::message || type == RecordType::large;
    if (found == entries_.end() && !whole) return;
    if (found != entries_.end()) {
        discount(found->second.state);
        if (type != RecordType::state) discount(found->second.message);
    }
    if (type == RecordType::done) {
        entries_.erase(found);
        return;
    }
    count(place);
    if (whole) {
        entries_[id] = {place, {}, queue, type == RecordType::large ? std::optional(body_checksum) : std::nullopt};
    } else {
        found->second.state = place;
        found->second.queue = queue;
    }
}

std::optional<SpoolIndex::Entry> SpoolIndex::find(const Uuid& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

std::size_t SpoolIndex::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

std::vector<std::pair<Uuid, Place>> SpoolIndex::envelopes_in_order() const {
    std::vector<std::pair<Uuid, Place>> found;
    {
        const std::lock_guard lock(mutex_);
        found.reserve(entries_.size());
        for (const auto& [id, entry] : entries_) found.emplace_back(id, entry.envelope());
    }
    const auto position = [](const auto& each) { return std::pair(each.second.segment, each.second.offset); };
    std::sort(found.begin(), found.end(), [&](const auto& a, const auto& b) { return position(a) < position(b); });
    return found;
}

void SpoolIndex::add_segment(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    (void)segments_[number];
}

void SpoolIndex::grow_segment(std::uint64_t number, std::uint64_t octets) {
    const std::lock_guard lock(mutex_);
    segments_[number].octets += octets;
    octets_ += octets;
}

void SpoolIndex::drop_segment(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = segments_.find(number);
    if (found == segments_.end()) return;
    octets_ -= found->second.octets;
    segments_.erase(found);
}

void SpoolIndex::pin_segment(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    segments_[number].pinned = true;
}

SpoolIndex::Usage SpoolIndex::usage() const {
    const std::lock_guard lock(mutex_);
    if (segments_.empty()) return {};
    const auto& [number, oldest] = *segments_.begin();
    return {number, oldest.living, oldest.pinned, living_, octets_, segments_.size()};
}

std::vector<Uuid> SpoolIndex::living_in(std::uint64_t segment) const {
    const std::lock_guard lock(mutex_);
    std::vector<Uuid> found;
    for (const auto& [id, entry] : entries_)
        if (entry.message.segment == segment || entry.state.segment == segment) found.push_back(id);
    return found;
}

}  // namespace sluice::queue
