// What is in the spool, in memory: for each message its queue and where its records stand in the log, and for each
// segment how much of it is still needed. Some 100 octets a message. Thread-safe; written by the thread that commits.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/queue/record.hpp"

namespace sluice::queue {

class SpoolIndex {
  public:
    struct Entry {
        Place message;  // the record with the body, or that names it
        Place state;    // with the newest envelope, if there was a change
        Queue queue = Queue::deliver;
        std::optional<std::uint32_t> large;  // the body has a file of its own, with this checksum

        [[nodiscard]] const Place& envelope() const noexcept { return state ? state : message; }
    };

    // As records have it. Records of messages that are not there any more are ignored.
    void apply(const NewRecord& record) {
        apply(record.type, record.id, record.queue, record.place, record.body_checksum);
    }
    void apply(RecordType type, const Uuid& id, Queue queue, const Place& place, std::uint32_t body_checksum);

    [[nodiscard]] std::optional<Entry> find(const Uuid& id) const;
    [[nodiscard]] std::size_t size() const;
    // Where the newest envelope of each message stands, in the order of the log.
    [[nodiscard]] std::vector<std::pair<Uuid, Place>> envelopes_in_order() const;

    // A segment exists from here on, whether or not anything lives in it.
    void add_segment(std::uint64_t number);
    // Its length: all that was written.
    void grow_segment(std::uint64_t number, std::uint64_t octets);
    void drop_segment(std::uint64_t number);
    // Nobody knows what is in it: it is never given back, nor any that follows.
    void pin_segment(std::uint64_t number);
    struct Usage {
        std::uint64_t oldest = 0;         // number of the oldest segment; 0: none
        std::uint64_t oldest_living = 0;  // octets in it that are still needed
        bool oldest_pinned = false;
        std::uint64_t living = 0;  // octets in all segments that are still needed
        std::uint64_t octets = 0;  // of all segments
        std::size_t segments = 0;
    };
    [[nodiscard]] Usage usage() const;
    // The messages that have a record in the segment.
    [[nodiscard]] std::vector<Uuid> living_in(std::uint64_t segment) const;

  private:
    struct Segment {
        std::uint64_t octets = 0;
        std::uint64_t living = 0;
        bool pinned = false;
    };

    void count(const Place& place);
    void discount(const Place& place);

    mutable std::mutex mutex_;
    std::unordered_map<Uuid, Entry, UuidHash> entries_;
    std::map<std::uint64_t, Segment> segments_;
    std::uint64_t living_ = 0;
    std::uint64_t octets_ = 0;
};

}  // namespace sluice::queue
