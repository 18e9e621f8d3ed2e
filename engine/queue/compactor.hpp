// Keeps the spool's log short: when most of it is dead, the messages that still live in the oldest segment are written
// again at the end, and the segment is given back. Decides and reads; committer.hpp writes. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "engine/queue/record.hpp"
#include "engine/queue/spool_index.hpp"

namespace sluice::queue {

class Compactor {
  public:
    // Keeps what can be read of a message that is corrupt (corrupt_store.hpp); false: it must stay in the log.
    using OnCorrupt = std::function<bool(const Uuid& id, const std::string& why)>;
    Compactor(std::filesystem::path log, const SpoolIndex& index, OnCorrupt on_corrupt)
        : log_(std::move(log)), index_(index), on_corrupt_(std::move(on_corrupt)) {}

    // The oldest segment, if nothing lives in it any more.
    [[nodiscard]] std::optional<std::uint64_t> dead_segment(std::uint64_t current) const;
    // Some records to be appended, after which less lives in the oldest segment; none if the log is short enough, or if
    // the disk does not give them (`trouble`).
    struct Step {
        std::vector<NewRecord> records;
        bool trouble = false;
    };
    [[nodiscard]] Step step(std::uint64_t current);

    // The log may have this much dead in it besides as much as lives.
    static constexpr std::uint64_t kSlack = 3 * kSegmentBytes;
    static constexpr std::size_t kStep = 256 << 10;  // octets at a time, so that nobody waits for long

  private:
    [[nodiscard]] bool due(const SpoolIndex::Usage& usage, std::uint64_t current) const;
    [[nodiscard]] bool rewrite(const Uuid& id, Step& step);

    std::filesystem::path log_;
    const SpoolIndex& index_;
    OnCorrupt on_corrupt_;
    std::uint64_t segment_ = 0;  // being emptied
    std::vector<Uuid> left_;     // of its messages
};

}  // namespace sluice::queue
