// Takes accepted messages from the spool to their recipients: routes each at each try, gives it to the transport of its
// destination, keeps one outcome per recipient, and decides what follows: done, another try, a report to the sender.
// One thread of its own, on which coroutines wait for networks and for the pool that reads and writes files; so
// deliveries never block sessions. Wiring: add_recovered() at start, then add() for every message whose submission to a
// delivered queue succeeded; stop() ends after the attempts in flight, what is left stays in the spool.
// Guarantees: a message leaves the spool only when every recipient is sent or its failure was reported (in the same
// commit as the report); what failed and can be reported to nobody ends in `dead`; after a crash at most the attempts
// in flight are repeated; a message that was held, moved or removed meanwhile is left alone; while the spool takes no
// changes nothing is delivered.
//
// dispatcher.cpp         threads, what is due, lanes
// dispatcher_rules.cpp   rules of postq and delivery, before the first attempt
// dispatcher_lane.cpp    one channel: the next shipment, outcomes
// dispatcher_settle.cpp  what follows when a message's attempts are over
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/deliver/backoff.hpp"
#include "engine/deliver/schedule.hpp"
#include "engine/deliver/transport.hpp"
#include "engine/io/blocking_pool.hpp"
#include "engine/queue/dsn.hpp"
#include "engine/queue/spool.hpp"

namespace sluice::deliver {

// Where messages go. Called on the dispatcher's thread.
class Routing {
  public:
    virtual ~Routing() = default;
    // What can share a channel has the same destination.
    [[nodiscard]] virtual std::string destination(const queue::Envelope& envelope,
                                                  const queue::Recipient& recipient) const = 0;
    // Asked for each channel; null: no route, the recipients fail for good.
    [[nodiscard]] virtual std::shared_ptr<Transport> transport(const std::string& destination) const = 0;
};

// What the rules of the stages postq and delivery decided.
struct Ruled {
    queue::Queue queue = queue::Queue::deliver;  // where the message belongs now
    bool edited = false;                         // its text is another
};

class Dispatcher {
  public:
    struct Options {
        ChannelLimits channels;
        RetryPolicy retry;
        std::function<queue::TimePoint()> now = std::chrono::system_clock::now;
        std::chrono::milliseconds stop_patience{10'000};  // of stop() for attempts in flight, then they are cut
        // All optional; called from the dispatcher's thread.
        // Runs them for a message whose envelope has a next_stage, before its first attempt. It changes the message as
        // they say; then the envelope has no next_stage, or the queue is not one that is delivered.
        std::function<asio::awaitable<Ruled>(queue::Message& message)> rules;
        std::function<void(const queue::Envelope&, const queue::Recipient&, const Outcome&)> on_attempt;
        // The message is done. With a failed recipient that nobody was told of it is in `dead`.
        std::function<void(const queue::Envelope&)> on_finished;
        // The spool could not be read or changed; the message is tried again later.
        std::function<void(const std::string& id, const std::string& what)> on_trouble;
        // Makes the report for the sender (queue::make_dsn); without it nobody is told anything.
        std::function<queue::Message(const queue::Envelope&, std::string_view text,
                                     std::span<const queue::DsnRecipient>, queue::TimePoint expires)>
            report;
    };
    Dispatcher(queue::Spool& spool, io::BlockingPool& pool, std::shared_ptr<const Routing> routing, Options options);
    ~Dispatcher();  // stop()
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    // A message just submitted; the body saves reading it again. Thread-safe, does not block.
    void add(queue::Message message);
    // Messages that Spool::each() found; those outside deliver and deferred are ignored. Also for released ones.
    void add_recovered(std::vector<queue::StoredEnvelope> messages);

    // No further attempts; waits for those in flight.
    void stop();
    // Looks at the clock again (tests with a clock of their own), or retries everything now.
    void wake();
    void retry_all_now();
    // These, whatever their time; others than those that wait are left alone.
    void retry_now(std::vector<Uuid> messages);

    // From now on (a reload). Thread-safe.
    void set_routing(std::shared_ptr<const Routing> routing);

    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.load(); }  // messages not done
    // Those of them that are due, or being delivered.
    [[nodiscard]] std::size_t active() const noexcept { return active_.load() + handed_over_.load(); }
    // Of its thread, on which routings and transports run.
    [[nodiscard]] asio::any_io_executor executor() { return io_.get_executor(); }
    // Waits until nothing is due and nothing in flight.
    void wait_idle();

    // Bodies of new messages are kept for the first attempt as long as they are not more than this together.
    static constexpr std::size_t kWarmOctets = 64 << 20;
    // Messages whose rules run at once: they may wait for networks.
    static constexpr std::size_t kRulesAtOnce = 256;

  private:
    class ActiveLane;
    class ActiveShipment;
    // A message of which some attempt is due or in flight.
    struct Job {
        queue::Envelope envelope;
        std::string prefix;
        std::shared_ptr<const std::string> body;  // null: not read yet
        std::size_t warm_octets = 0;
        bool maybe_repeated = false;       // not attempted since the start of this process
        bool unsaved = false;              // has outcomes that the spool does not have
        std::vector<std::size_t> relayed;  // of the recipients that are sent: to a host without DSN
    };
    struct Round {
        std::size_t destinations = 0;
        std::size_t tickets = 0;   // destinations that have not come to an end with it
        std::shared_ptr<Job> job;  // null: not read yet
        bool maybe_repeated = false;
        bool forced = false;                         // somebody wants it to be tried now
        std::optional<queue::TimePoint> not_before;  // the disk had trouble
    };
    struct Loaded {
        std::shared_ptr<Job> job;  // null: gone, held, or not to be read
        std::string trouble;       // of the disk
    };
    enum class Read : std::uint8_t { envelope, all };

    // --- dispatcher.cpp
    void wake_thread();
    void ask(std::function<void()> request);
    void take_incoming();
    void take_new(queue::Message message);
    void take_recovered(queue::StoredEnvelope stored);
    void pump();
    void pump_soon();
    void end_pump();
    [[nodiscard]] std::size_t keep_warm(const queue::Message& message);
    void begin_first_round(const Uuid& id, queue::Message message);
    void begin_round(const Uuid& id, Round round, const queue::Envelope& envelope);
    void fetch_due();
    [[nodiscard]] asio::awaitable<void> fetch(std::vector<Uuid> due);
    [[nodiscard]] Loaded load(const Uuid& id, Read read);
    [[nodiscard]] Loaded unreadable(const std::string& id, std::string_view part, std::error_code failed,
                                    const std::string& corrupt) const;
    [[nodiscard]] bool due(const queue::Recipient& recipient, bool forced) const;
    void open_lanes();
    [[nodiscard]] bool delivers() const noexcept;
    [[nodiscard]] asio::awaitable<void> run_lane(ActiveLane& lane);
    void end_lane(std::list<ActiveLane>::iterator lane);
    [[nodiscard]] bool at_work() const { return !lanes_.empty() || !rules_running_.empty(); }
    void set_timer();
    void trouble(const std::string& id, const std::string& what);

    // --- dispatcher_rules.cpp
    struct Unruled {
        Uuid id;
        std::optional<queue::Message> message;  // nullopt: not read yet
        std::size_t warm_octets = 0;
    };
    [[nodiscard]] bool waits_for_rules(const queue::Envelope& envelope) const;
    void ask_rules(Unruled unruled);
    void run_rules();
    [[nodiscard]] asio::awaitable<void> rule(Unruled unruled);
    [[nodiscard]] asio::awaitable<std::error_code> keep_ruling(const queue::Message& message, const Ruled& ruled);
    void deliver_ruled(const Uuid& id, queue::Message message);
    void later(const Uuid& id, const std::string& what);
    void end_rules(std::list<asio::cancellation_signal>::iterator running, const Uuid& id);

    // --- dispatcher_settle.cpp
    void record(Job& job, std::size_t recipient, const Outcome& outcome);
    void end_ticket(const Uuid& id);
    void keep_outcomes(Job& job);
    void settle(const Uuid& id, std::shared_ptr<Job> job);
    void forget(const Uuid& id, std::shared_ptr<Job> job);
    [[nodiscard]] asio::awaitable<void> settle_after_reading(Uuid id, std::shared_ptr<Job> job);
    void settled(const Uuid& id, std::shared_ptr<Job> job, std::optional<queue::TimePoint> next,
                 std::error_code failed);
    struct Conclusion {
        std::optional<queue::TimePoint> next;  // of the recipients that are left
        std::vector<queue::DsnRecipient> reported;
        bool dead = false;  // some failure is told to nobody
    };
    [[nodiscard]] Conclusion conclude(Job& job) const;
    [[nodiscard]] double random();

    queue::Spool& spool_;
    io::BlockingPool& pool_;
    Options options_;

    mutable std::mutex mutex_;  // guards what other threads hand over, and idle_
    std::vector<queue::Message> incoming_;
    std::vector<queue::StoredEnvelope> recovered_;
    bool woken_ = false;
    std::size_t asked_ = 0;  // requests that the thread has not come to
    bool idle_ = false;
    std::condition_variable idle_changed_;
    std::atomic<std::size_t> waiting_{0};
    std::atomic<std::size_t> active_{0};
    std::atomic<std::size_t> handed_over_{0};  // and not taken yet
    std::atomic<std::size_t> forgetting_{0};

    // Of the thread.
    asio::io_context io_{1};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
    asio::steady_timer timer_{io_};
    Schedule schedule_;
    std::shared_ptr<const Routing> routing_;
    std::shared_ptr<Transport> no_route_;
    std::unordered_map<Uuid, Round, UuidHash> rounds_;
    std::unordered_map<Uuid, std::shared_ptr<Job>, UuidHash> unsaved_;  // the disk did not take their outcomes
    std::unordered_set<Uuid, UuidHash> unproven_;                       // recovered, not attempted since
    std::unordered_set<Uuid, UuidHash> forced_;                         // to be tried before their time
    std::deque<Unruled> unruled_;
    std::unordered_set<Uuid, UuidHash> ruling_;  // in unruled_, or their rules run
    std::list<asio::cancellation_signal> rules_running_;
    std::multimap<std::string, ActiveLane*> idle_lanes_;
    std::list<ActiveLane> lanes_;
    std::size_t fetching_ = 0;
    std::size_t settling_ = 0;
    std::size_t warm_octets_ = 0;
    bool pump_posted_ = false;
    queue::TimePoint next_sweep_{};
    std::mt19937_64 generator_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace sluice::deliver
