// Which message is tried when, and over how many channels. Knows ids, times and names of destinations; some 150 octets
// a message. Pure and single-threaded: the dispatcher's.
//
// A message waits for its time, then for its destinations: a destination is a string for all that can share a channel
// (a connection), "deliver example.net". Destinations take turns, each has a limit of channels of its own, and a
// destination that cannot be reached rests: what comes for it meanwhile gets the outcome of the last attempt at once.
// A destination gets its second channel when it has answered on the first. So a dead destination costs one channel, now
// and then, and holds up nobody.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/deliver/outcome.hpp"
#include "engine/queue/message.hpp"

namespace sluice::deliver {

struct ChannelLimits {
    std::size_t of_destination = 20;
    std::size_t of_all = 16384;
    std::size_t messages_per_minute = 0;  // to one destination; 0: as many as it takes
    std::chrono::seconds first_rest{60};  // doubled with each failure in a row
    std::chrono::seconds longest_rest{600};

    [[nodiscard]] bool operator==(const ChannelLimits&) const = default;
};

class Schedule {
  public:
    using TimePoint = queue::TimePoint;

    explicit Schedule(ChannelLimits limits) : limits_(limits) {}

    // --- for their time. A second time replaces the first.
    void wait(const Uuid& message, TimePoint due);
    void forget(const Uuid& message) { due_.erase(message); }
    [[nodiscard]] bool waits(const Uuid& message) const { return due_.contains(message); }
    // All that wait are due now; those that were not.
    [[nodiscard]] std::vector<Uuid> all_due(TimePoint now);
    [[nodiscard]] std::optional<Uuid> take_due(TimePoint now);
    [[nodiscard]] std::optional<TimePoint> next_due();
    [[nodiscard]] std::size_t waiting() const noexcept { return due_.size(); }

    // --- for a destination
    void enqueue(const std::string& destination, const Uuid& message);
    // A destination that may have one more channel; it is counted as opened.
    [[nodiscard]] std::optional<std::string> open_channel();
    void close_channel(const std::string& destination);
    // A channel that waits for messages, and one that has got to work again.
    void channel_idle(const std::string& destination);
    void channel_busy(const std::string& destination);
    // The next message, for a channel. With a limit of messages, `not_before` says when there is one.
    struct Taken {
        std::optional<Uuid> message;
        std::optional<TimePoint> not_before;
    };
    [[nodiscard]] Taken take(const std::string& destination, TimePoint now);
    [[nodiscard]] std::size_t enqueued(const std::string& destination) const;

    // --- resting
    void rest(const std::string& destination, TimePoint now, Outcome why);
    // It answers: it may have as many channels as it needs.
    void reached(const std::string& destination);
    [[nodiscard]] const Outcome* resting(const std::string& destination, TimePoint now) const;

    // Forgets destinations that have rested and of which nothing is left.
    void sweep(TimePoint now);
    [[nodiscard]] std::size_t destinations() const noexcept { return destinations_.size(); }

    // How long a failure is remembered, so that the next rest is longer.
    static constexpr std::chrono::hours kMemory{4};

  private:
    // Most destinations have one message: a deque would cost half a kilobyte each.
    class Fifo {
      public:
        void push(const Uuid& id) { ids_.push_back(id); }
        [[nodiscard]] Uuid pop();
        [[nodiscard]] std::size_t size() const noexcept { return ids_.size() - first_; }
        [[nodiscard]] bool empty() const noexcept { return size() == 0; }

      private:
        std::vector<Uuid> ids_;
        std::size_t first_ = 0;
    };
    struct Destination {
        Fifo messages;
        std::size_t channels = 0;
        std::size_t idle = 0;
        bool in_turn = false;  // stands in turns_
        bool answers = false;
        int failures = 0;
        TimePoint rests_until{};
        std::optional<Outcome> why;
        TimePoint next_message{};  // by the limit of messages
    };
    struct Due {
        TimePoint time;
        Uuid message;
        friend bool operator<(const Due& a, const Due& b) { return a.time > b.time; }
    };

    [[nodiscard]] bool wants_channel(const Destination& destination) const noexcept;
    void take_turn(const std::string& name, Destination& destination);
    void drop_if_unused(const std::string& name);

    ChannelLimits limits_;
    std::unordered_map<Uuid, TimePoint, UuidHash> due_;
    std::priority_queue<Due> times_;  // with entries that due_ has replaced
    std::unordered_map<std::string, Destination> destinations_;
    std::deque<std::string> turns_;
    std::size_t channels_ = 0;
};

}  // namespace sluice::deliver
