#include "engine/deliver/dispatcher_lane.hpp"

#include <algorithm>

namespace sluice::deliver {

namespace {

using Steady = std::chrono::steady_clock;

}  // namespace

asio::awaitable<std::shared_ptr<Shipment>> Dispatcher::ActiveLane::next(std::chrono::milliseconds patience) {
    const auto until = Steady::now() + patience;
    while (dispatcher_.delivers()) {
        const auto taken = take();
        if (taken.not_before) {
            timer_.expires_after(
                std::chrono::duration_cast<Steady::duration>(*taken.not_before - dispatcher_.options_.now()));
            co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
            continue;
        }
        if (!taken.message) {
            const bool more = co_await wait_for_work(until);
            if (!more) co_return nullptr;
            continue;
        }
        auto shipment = co_await shipment_of(*taken.message);
        if (shipment) co_return shipment;
    }
    co_return nullptr;
}

asio::awaitable<std::shared_ptr<Shipment>> Dispatcher::ActiveLane::at_hand() {
    while (dispatcher_.delivers()) {
        const auto taken = take();
        if (!taken.message) co_return nullptr;
        auto shipment = co_await shipment_of(*taken.message);
        if (shipment) co_return shipment;
    }
    co_return nullptr;
}

Schedule::Taken Dispatcher::ActiveLane::take() {
    auto taken = dispatcher_.schedule_.take(destination_, dispatcher_.options_.now());
    if (taken.message) taken_.push_back(*taken.message);
    return taken;
}

// Null: its attempt is over already.
asio::awaitable<std::shared_ptr<Shipment>> Dispatcher::ActiveLane::shipment_of(Uuid id) {
    const auto* const resting = dispatcher_.schedule_.resting(destination_, dispatcher_.options_.now());
    if (resting && !dispatcher_.rounds_.at(id).forced) {
        Outcome outcome = *resting;
        co_await pass_verdict(id, std::move(outcome));
        co_return nullptr;
    }
    co_return co_await begin(id, true);
}

void Dispatcher::ActiveLane::end(const Uuid& id) {
    taken_.erase(std::find(taken_.begin(), taken_.end(), id));
    dispatcher_.end_ticket(id);
}

void Dispatcher::ActiveLane::abandon() {
    while (!taken_.empty()) {
        const Uuid id = taken_.back();
        dispatcher_.rounds_.at(id).not_before = dispatcher_.options_.now() + dispatcher_.options_.retry.first_wait;
        end(id);
    }
}

// False: none came in time.
asio::awaitable<bool> Dispatcher::ActiveLane::wait_for_work(Steady::time_point until) {
    if (until <= Steady::now()) co_return false;
    woken_ = false;
    dispatcher_.schedule_.channel_idle(destination_);
    const auto here = dispatcher_.idle_lanes_.emplace(destination_, this);
    dispatcher_.end_pump();
    timer_.expires_at(until);
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (woken_) co_return true;
    dispatcher_.idle_lanes_.erase(here);
    dispatcher_.schedule_.channel_busy(destination_);
    co_return false;
}

// Whoever calls this has taken the lane out of the idle ones.
void Dispatcher::ActiveLane::wake() {
    woken_ = true;
    dispatcher_.schedule_.channel_busy(destination_);
    timer_.cancel();
}

std::vector<std::size_t> Dispatcher::ActiveLane::recipients_of(const Job& job, const Round& round) const {
    std::vector<std::size_t> found;
    const bool all = round.destinations == 1;
    const auto& recipients = job.envelope.recipients;
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        if (!dispatcher_.due(recipients[i], round.forced)) continue;
        if (all || dispatcher_.routing_->destination(job.envelope, recipients[i]) == destination_) found.push_back(i);
    }
    return found;
}

// Null: there is nothing to do for this lane (any more).
asio::awaitable<std::shared_ptr<Dispatcher::ActiveShipment>> Dispatcher::ActiveLane::begin(Uuid id, bool with_body) {
    const auto place = dispatcher_.spool_.queue_of(id);
    auto round = dispatcher_.rounds_.find(id);
    if (place && queue::is_delivered(*place) && (!round->second.job || (with_body && !round->second.job->body))) {
        Dispatcher& dispatcher = dispatcher_;
        const auto read = with_body ? Read::all : Read::envelope;
        auto loaded = co_await dispatcher_.pool_.run([&dispatcher, id, read] { return dispatcher.load(id, read); });
        round = dispatcher_.rounds_.find(id);
        auto& job = round->second.job;
        if (!loaded.trouble.empty()) {
            dispatcher_.trouble(id.to_string(), loaded.trouble);
            round->second.not_before = dispatcher_.options_.now() + dispatcher_.options_.retry.first_wait;
        } else if (loaded.job && !job) {
            job = std::move(loaded.job);
            job->maybe_repeated = round->second.maybe_repeated;
        } else if (loaded.job && !job->body) {
            job->body = std::move(loaded.job->body);
        }
    }
    const auto job = round->second.job;
    const bool usable = place && queue::is_delivered(*place) && job && (job->body || !with_body);
    auto recipients = usable ? recipients_of(*job, round->second) : std::vector<std::size_t>();
    if (!recipients.empty()) co_return std::make_shared<ActiveShipment>(id, job, std::move(recipients));
    end(id);
    co_return nullptr;
}

asio::awaitable<void> Dispatcher::ActiveLane::pass_verdict(Uuid id, Outcome outcome) {
    const auto shipment = co_await begin(id, false);
    if (!shipment) co_return;
    for (const auto recipient : shipment->recipients()) dispatcher_.record(shipment->job(), recipient, outcome);
    end(id);
}

asio::awaitable<bool> Dispatcher::ActiveLane::tell(Shipment& shipment, std::size_t recipient, Outcome outcome,
                                                   bool keep) {
    auto& job = static_cast<ActiveShipment&>(shipment).job();
    dispatcher_.record(job, recipient, outcome);
    if (keep && job.envelope.recipients[recipient].done()) {
        queue::Envelope envelope = job.envelope;
        const auto failed = co_await dispatcher_.spool_.update(
            std::move(envelope), queue::Queue::deferred, queue::Spool::MoveIf::still_delivered, queue::Durable::soon);
        if (failed) dispatcher_.trouble(job.envelope.id, "cannot store an outcome: " + failed.message());
    }
    co_return !dispatcher_.stopping_;
}

void Dispatcher::ActiveLane::finish(std::shared_ptr<Shipment> shipment) {
    end(static_cast<ActiveShipment&>(*shipment).id());
}

void Dispatcher::ActiveLane::reached() {
    dispatcher_.schedule_.reached(destination_);
    dispatcher_.pump_soon();
}

// Those that wait now; what comes meanwhile finds that the destination rests.
asio::awaitable<void> Dispatcher::ActiveLane::unreachable(Outcome why) {
    const auto now = dispatcher_.options_.now();
    if (why.kind() == Outcome::Kind::temporary) dispatcher_.schedule_.rest(destination_, now, why);
    for (auto left = dispatcher_.schedule_.enqueued(destination_); left > 0 && !dispatcher_.stopping_; --left) {
        const auto taken = take();
        if (!taken.message) co_return;
        co_await pass_verdict(*taken.message, why);
    }
}

}  // namespace sluice::deliver
