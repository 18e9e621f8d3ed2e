// Takes accepted messages from the spool to their recipients: one attempt per due recipient, durable state, retries
// with backoff, expiry. Own threads, so that the disk and the network of deliveries never block sessions. Wiring:
// recover() at start, then add() for every message whose submission to a delivered queue succeeded; stop() ends after
// the attempts in flight, what is left stays in the spool. Guarantees: an entry leaves the spool only when every
// recipient is sent; with a failed recipient it ends in `dead`; after a crash at most the attempts in flight are
// repeated; a message that was held, moved or removed meanwhile is left alone.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "engine/deliver/backoff.hpp"
#include "engine/deliver/transport.hpp"
#include "engine/queue/spool.hpp"

namespace sluice::deliver {

class Dispatcher {
  public:
    // The transport for a recipient; null: no route, the recipient fails for good.
    using Route = std::function<std::shared_ptr<Transport>(const queue::Envelope&, const queue::Recipient&)>;

    struct Options {
        std::size_t threads = 2;
        RetryPolicy retry;
        std::function<queue::TimePoint()> now = std::chrono::system_clock::now;
        // All optional; called from the dispatcher's threads.
        std::function<void(const queue::Envelope&, const queue::Recipient&, const Outcome&)> on_attempt;
        // The message is done; with a failed recipient it is in `dead` (the place for a DSN).
        std::function<void(const queue::Envelope&)> on_finished;
        // The spool could not be read or changed; the message is tried again later.
        std::function<void(const std::string& id, const std::string& what)> on_trouble;
    };

    Dispatcher(queue::Spool& spool, Route route, Options options);
    ~Dispatcher();  // stop()
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    // A message just submitted; the body saves reading it again. Thread-safe, does not block.
    void add(queue::Message message);
    // Messages that Spool::recover() found; those outside deliver and deferred are ignored. Also for released ones.
    void add_recovered(std::vector<queue::StoredEnvelope> messages);

    // No further attempts; waits for those in flight.
    void stop();
    // Looks at the clock again (tests with a clock of their own), or retries everything now.
    void wake();
    void retry_all_now();

    [[nodiscard]] std::size_t waiting() const;  // messages not done, in flight included
    // Waits until nothing is due and nothing in flight.
    void wait_idle();

  private:
    struct Job {
        queue::Envelope envelope;
        std::shared_ptr<const std::string> body;  // null: read from the spool
        bool maybe_repeated = false;              // not attempted since the start of this process
        bool unsaved = false;                     // has outcomes that are not durable yet
        queue::TimePoint due;
    };
    struct Later {
        bool operator()(const std::shared_ptr<Job>& a, const std::shared_ptr<Job>& b) const { return a->due > b->due; }
    };

    void put(std::shared_ptr<Job> job);
    void work();
    [[nodiscard]] std::shared_ptr<Job> next(std::unique_lock<std::mutex>& lock);
    // True: the job is to be put back, due at job.due.
    [[nodiscard]] bool run(Job& job);
    [[nodiscard]] bool load_body(Job& job);
    void attempt_all(Job& job);
    [[nodiscard]] bool stopping() const;
    void attempt(Job& job, queue::Recipient& recipient, bool more_follow);
    void record(queue::Recipient& recipient, const Outcome& outcome, const queue::Envelope& envelope);
    [[nodiscard]] bool settle(Job& job);
    [[nodiscard]] bool trouble(Job& job, const std::string& what);
    [[nodiscard]] double random();

    queue::Spool& spool_;
    Route route_;
    Options options_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::priority_queue<std::shared_ptr<Job>, std::vector<std::shared_ptr<Job>>, Later> jobs_;
    std::size_t in_flight_ = 0;
    bool stopping_ = false;
    std::mt19937_64 generator_;
    std::vector<std::thread> threads_;
};

}  // namespace sluice::deliver
