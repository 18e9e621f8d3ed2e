#include "engine/queue/compactor.hpp"

#include <utility>

#include "engine/queue/envelope_format.hpp"
#include "engine/queue/segment_reader.hpp"

namespace sluice::queue {

std::optional<std::uint64_t> Compactor::dead_segment(std::uint64_t current) const {
    const auto usage = index_.usage();
    if (usage.segments == 0 || usage.oldest == current || usage.oldest_pinned || usage.oldest_living != 0)
        return std::nullopt;
    return usage.oldest;
}

bool Compactor::due(const SpoolIndex::Usage& usage, std::uint64_t current) const {
    return usage.segments > 0 && usage.oldest != current && !usage.oldest_pinned &&
           usage.octets > 2 * usage.living + kSlack;
}

Compactor::Step Compactor::step(std::uint64_t current) {
    Step step;
    const auto usage = index_.usage();
    if (!due(usage, current)) return step;
    if (segment_ != usage.oldest) {
        segment_ = usage.oldest;
        left_ = index_.living_in(segment_);
    }
    for (std::size_t octets = 0; !left_.empty() && octets < kStep;) {
        if (!rewrite(left_.back(), step)) break;
        left_.pop_back();
        if (!step.records.empty()) octets += step.records.back().place.bytes + step.records.back().envelope.size();
    }
    // What could not be written after all is looked for again.
    if (left_.empty()) segment_ = 0;
    return step;
}

// With its newest envelope, as one record.
bool Compactor::rewrite(const Uuid& id, Step& step) {
    const auto entry = index_.find(id);
    // It is gone, or was written elsewhere meanwhile.
    if (!entry || (entry->message.segment != segment_ && entry->state.segment != segment_)) return true;
    auto message = read_record(log_, entry->message, RecordPart::all);
    ReadRecord state;
    if (entry->state) state = read_record(log_, entry->state, RecordPart::envelope);
    if (message.failed || state.failed) {
        step.trouble = true;
        return false;
    }
    if (!message.good() || !state.good()) {
        step.trouble = !on_corrupt_(id, message.good() ? state.corrupt : message.corrupt);
        if (step.trouble) return false;
        step.records.push_back({.type = RecordType::done, .id = id, .envelope = id.to_string()});
        return true;
    }
    step.records.push_back({.type = message.head.type,
                            .id = id,
                            .queue = entry->queue,
                            .envelope = entry->state ? std::move(state.envelope) : std::move(message.envelope),
                            .body = std::make_shared<const std::string>(std::move(message.body)),
                            .body_checksum = message.head.body_checksum,
                            .place = entry->message});
    return true;
}

}  // namespace sluice::queue
