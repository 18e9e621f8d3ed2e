#include "engine/deliver/schedule.hpp"

#include <algorithm>

namespace sluice::deliver {

Uuid Schedule::Fifo::pop() {
    const Uuid id = ids_[first_++];
    if (first_ == ids_.size()) {
        ids_ = {};
        first_ = 0;
    } else if (first_ >= 1024 && 2 * first_ >= ids_.size()) {
        ids_.erase(ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
    return id;
}

void Schedule::wait(const Uuid& message, TimePoint due) {
    due_[message] = due;
    times_.push({due, message});
}

std::vector<Uuid> Schedule::all_due(TimePoint now) {
    std::vector<Uuid> changed;
    for (auto& [message, due] : due_) {
        if (due <= now) continue;
        due = now;
        times_.push({now, message});
        changed.push_back(message);
    }
    return changed;
}

std::optional<Schedule::TimePoint> Schedule::next_due() {
    while (!times_.empty()) {
        const auto found = due_.find(times_.top().message);
        if (found != due_.end() && found->second == times_.top().time) return times_.top().time;
        times_.pop();
    }
    return std::nullopt;
}

std::optional<Uuid> Schedule::take_due(TimePoint now) {
    const auto due = next_due();
    if (!due || *due > now) return std::nullopt;
    const Uuid message = times_.top().message;
    times_.pop();
    due_.erase(message);
    return message;
}

bool Schedule::wants_channel(const Destination& destination) const noexcept {
    const auto most = destination.answers ? limits_.of_destination : std::size_t{1};
    return destination.messages.size() > destination.idle && destination.channels < most;
}

void Schedule::take_turn(const std::string& name, Destination& destination) {
    if (destination.in_turn || !wants_channel(destination)) return;
    destination.in_turn = true;
    turns_.push_back(name);
}

void Schedule::enqueue(const std::string& destination, const Uuid& message) {
    auto& found = destinations_[destination];
    found.messages.push(message);
    take_turn(destination, found);
}

// One channel a turn: a destination with many messages gets its second one after all others have got their first.
std::optional<std::string> Schedule::open_channel() {
    while (channels_ < limits_.of_all && !turns_.empty()) {
        std::string name = std::move(turns_.front());
        turns_.pop_front();
        const auto found = destinations_.find(name);
        if (found == destinations_.end()) continue;
        auto& destination = found->second;
        destination.in_turn = false;
        if (!wants_channel(destination)) continue;
        ++destination.channels;
        ++channels_;
        // Each channel is taken to be busy with one message of those that wait.
        if (destination.messages.size() > destination.idle + destination.channels) take_turn(name, destination);
        return name;
    }
    return std::nullopt;
}

void Schedule::close_channel(const std::string& destination) {
    auto& found = destinations_[destination];
    --found.channels;
    --channels_;
    take_turn(destination, found);
    drop_if_unused(destination);
}

void Schedule::channel_idle(const std::string& destination) { ++destinations_[destination].idle; }

void Schedule::channel_busy(const std::string& destination) { --destinations_[destination].idle; }

Schedule::Taken Schedule::take(const std::string& destination, TimePoint now) {
    const auto found = destinations_.find(destination);
    if (found == destinations_.end() || found->second.messages.empty()) return {};
    auto& from = found->second;
    if (limits_.messages_per_minute != 0 && !from.why) {
        if (from.next_message > now) return {std::nullopt, from.next_message};
        from.next_message = std::max(from.next_message, now) +
                            std::chrono::duration_cast<TimePoint::duration>(std::chrono::minutes(1)) /
                                static_cast<TimePoint::duration::rep>(limits_.messages_per_minute);
    }
    return {from.messages.pop(), std::nullopt};
}

std::size_t Schedule::enqueued(const std::string& destination) const {
    const auto found = destinations_.find(destination);
    return found == destinations_.end() ? 0 : found->second.messages.size();
}

void Schedule::rest(const std::string& destination, TimePoint now, Outcome why) {
    auto& found = destinations_[destination];
    found.answers = false;
    if (found.rests_until > now) return;  // another channel's failure of the same moment
    const auto doubled = limits_.first_rest * (1 << std::min(found.failures, 20));
    ++found.failures;
    found.rests_until = now + std::min<std::chrono::seconds>(doubled, limits_.longest_rest);
    found.why = std::move(why);
}

void Schedule::reached(const std::string& destination) {
    const auto found = destinations_.find(destination);
    if (found == destinations_.end()) return;
    found->second.failures = 0;
    found->second.rests_until = {};
    found->second.why.reset();
    found->second.answers = true;
    take_turn(destination, found->second);
}

const Outcome* Schedule::resting(const std::string& destination, TimePoint now) const {
    const auto found = destinations_.find(destination);
    if (found == destinations_.end() || !found->second.why || found->second.rests_until <= now) return nullptr;
    return &*found->second.why;
}

void Schedule::sweep(TimePoint now) {
    std::erase_if(destinations_, [now](const auto& each) {
        const auto& destination = each.second;
        return destination.messages.empty() && destination.channels == 0 && destination.rests_until + kMemory < now;
    });
}

void Schedule::drop_if_unused(const std::string& name) {
    const auto found = destinations_.find(name);
    const auto& destination = found->second;
    if (destination.messages.empty() && destination.channels == 0 && !destination.why) destinations_.erase(found);
}

}  // namespace sluice::deliver
