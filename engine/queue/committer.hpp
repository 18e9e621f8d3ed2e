// The one thread that writes the spool: all changes that wait become one commit, written in one piece and made durable
// by one sync, then everybody is told. Between commits it keeps the log short (compactor.hpp).
// Guarantees: done() is called exactly once per change, from the committer's thread, after the change counts or has
// failed; a change that failed has no effect; changes of one message happen in the order in which they were given.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "engine/queue/compactor.hpp"
#include "engine/queue/segment_writer.hpp"
#include "engine/queue/spool_index.hpp"

namespace sluice::queue {

enum class Durable : std::uint8_t {
    now,   // done() after it is on stable storage
    soon,  // done() after it is written: survives the end of this process; stable within kLatestSync. For what would
           // only be repeated if it were lost
};

struct Change {
    Uuid id;  // of the message that is changed; of several new ones any
    // Ready, or made on the committer's thread from what is in the index then.
    std::vector<NewRecord> records;
    std::function<std::error_code(std::vector<NewRecord>&)> prepare;
    Durable durable = Durable::now;
    std::function<void(std::error_code)> done;
};

// What the last commit said of the disk.
enum class Health : std::uint8_t {
    ok,
    full,    // no space: nothing can be accepted, what is there is delivered
    failed,  // anything else
};
[[nodiscard]] std::string_view to_string(Health health) noexcept;

class Committer {
  public:
    // Called on the committer's thread when the health changes; `why` is empty for ok.
    using OnHealth = std::function<void(Health, const std::string& why)>;

    Committer(SpoolIndex& index, SegmentWriter writer, Compactor compactor, OnHealth on_health);
    // Commits what waits, then stops.
    ~Committer();
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    // Thread-safe; does not block on the disk.
    void add(Change change);
    [[nodiscard]] Health health() const noexcept { return health_.load(std::memory_order_relaxed); }

    // Bounds the wait of the first change of a commit.
    static constexpr std::size_t kLargestBatch = 1024;
    static constexpr std::size_t kLargestCommit = 8 << 20;  // octets of bodies
    static constexpr std::chrono::milliseconds kLatestSync{200};
    static constexpr std::chrono::milliseconds kCompany{1};  // how long a change waits for others at most
    static constexpr std::chrono::seconds kProbe{1};         // between two looks whether the disk is well again

  private:
    using Clock = std::chrono::steady_clock;
    using Batch = std::vector<Change>;

    void run();
    [[nodiscard]] bool take_batch(Batch& batch);
    void wait_for_those_told(std::unique_lock<std::mutex>& lock);
    void commit(Batch& batch);
    void prepare(Batch& batch, std::vector<std::error_code>& failed);
    [[nodiscard]] std::error_code write(std::vector<NewRecord*> records, bool durable);
    void apply(const std::vector<NewRecord*>& records);
    [[nodiscard]] std::error_code sync();
    void lose_unsynced();
    void sync_if_due();
    void compact();
    void probe();
    void probe_now();
    void note(std::error_code failed);
    [[nodiscard]] Clock::time_point next_duty() const;

    SpoolIndex& index_;
    SegmentWriter writer_;
    Compactor compactor_;
    OnHealth on_health_;
    std::atomic<Health> health_ = Health::ok;
    // Written but not durable; if the segment fails, they go into the next commit.
    std::vector<NewRecord> unsynced_;
    std::vector<NewRecord> lost_;
    Clock::duration sync_took_{};
    Clock::time_point sync_due_ = Clock::time_point::max();
    Clock::time_point probe_due_ = Clock::time_point::max();
    Clock::time_point compact_due_ = Clock::time_point::min();
    Clock::time_point compact_not_before_ = Clock::time_point::min();  // the disk did not give what was asked

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Change> waiting_;
    std::size_t urgent_ = 0;  // of those that wait
    std::size_t wanted_ = 1;  // so many urgent ones wake the sleeper
    std::size_t told_ = 0;    // urgent ones of the last commit
    bool sleeping_ = false;
    bool stopping_ = false;
    std::thread thread_;  // last: starts when everything else is there
};

}  // namespace sluice::queue
