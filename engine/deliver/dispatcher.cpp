#include "engine/deliver/dispatcher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/deliver/dispatcher_lane.hpp"
#include "engine/deliver/local_transport.hpp"

namespace sluice::deliver {

using queue::Envelope;
using queue::Recipient;

namespace {

// For recipients that no route leads to.
class NoRoute final : public RecipientDelivery {
  public:
    asio::awaitable<Outcome> attempt(const Attempt&, io::BlockingPool&) override {
        co_return Outcome::permanent("5.4.4 no route to this recipient");
    }
    bool repeatable() const noexcept override { return true; }
};

std::optional<queue::TimePoint> next_attempt(const Envelope& envelope) {
    std::optional<queue::TimePoint> next;
    for (const Recipient& each : envelope.recipients)
        if (!each.done()) next = std::min(next.value_or(each.next_attempt), each.next_attempt);
    return next;
}

constexpr std::size_t kFetched = 256;             // envelopes read at a time
constexpr std::size_t kFetches = 4;               // such times at once
constexpr std::chrono::milliseconds kPause{500};  // between looks at a spool that has failed

}  // namespace

Dispatcher::Dispatcher(queue::Spool& spool, io::BlockingPool& pool, std::shared_ptr<const Routing> routing,
                       Options options)
    : spool_(spool),
      pool_(pool),
      options_(std::move(options)),
      schedule_(options_.channels),
      routing_(std::move(routing)),
      no_route_(std::make_shared<LocalTransport>(std::make_shared<NoRoute>(), pool)),
      generator_(std::random_device()()) {
    work_.emplace(io_.get_executor());
    thread_ = std::thread([this] { io_.run(); });
}

Dispatcher::~Dispatcher() { stop(); }

void Dispatcher::stop() {
    if (!thread_.joinable()) return;
    stopping_ = true;
    asio::post(io_, [this] {
        work_.reset();
        timer_.cancel();
        for (const auto& [destination, lane] : std::exchange(idle_lanes_, {})) lane->wake();
        if (!at_work()) return;
        timer_.expires_after(options_.stop_patience);
        timer_.async_wait([this](error_code cancelled) {
            if (cancelled) return;
            for (ActiveLane& lane : lanes_) lane.cancellation().emit(asio::cancellation_type::terminal);
            for (auto& running : rules_running_) running.emit(asio::cancellation_type::terminal);
        });
    });
    thread_.join();
    const std::lock_guard lock(mutex_);
    idle_ = true;
    idle_changed_.notify_all();
}

void Dispatcher::add(queue::Message message) {
    const std::lock_guard lock(mutex_);
    incoming_.push_back(std::move(message));
    handed_over_ = incoming_.size();
    wake_thread();
}

void Dispatcher::add_recovered(std::vector<queue::StoredEnvelope> messages) {
    const std::lock_guard lock(mutex_);
    std::move(messages.begin(), messages.end(), std::back_inserter(recovered_));
    wake_thread();
}

void Dispatcher::wake() {
    const std::lock_guard lock(mutex_);
    wake_thread();
}

// One post for all that comes until it runs. mutex_ is held.
void Dispatcher::wake_thread() {
    idle_ = false;
    if (std::exchange(woken_, true)) return;
    asio::post(io_, [this] { pump(); });
}

void Dispatcher::set_routing(std::shared_ptr<const Routing> routing) {
    asio::post(io_, [this, routing = std::move(routing)]() mutable { routing_ = std::move(routing); });
}

void Dispatcher::retry_all_now() {
    ask([this] {
        for (const Uuid& id : schedule_.all_due(options_.now())) forced_.insert(id);
    });
}

void Dispatcher::retry_now(std::vector<Uuid> messages) {
    ask([this, messages = std::move(messages)] {
        for (const Uuid& id : messages) {
            if (!schedule_.waits(id)) continue;
            forced_.insert(id);
            schedule_.wait(id, options_.now());
        }
    });
}

// Not idle before the thread has done it.
void Dispatcher::ask(std::function<void()> request) {
    {
        const std::lock_guard lock(mutex_);
        idle_ = false;
        ++asked_;
    }
    asio::post(io_, [this, request = std::move(request)] {
        request();
        {
            const std::lock_guard lock(mutex_);
            --asked_;
        }
        pump();
    });
}

void Dispatcher::wait_idle() {
    std::unique_lock lock(mutex_);
    idle_changed_.wait(lock, [this] { return idle_ && forgetting_ == 0; });
}

void Dispatcher::take_incoming() {
    std::vector<queue::Message> incoming;
    std::vector<queue::StoredEnvelope> recovered;
    {
        const std::lock_guard lock(mutex_);
        woken_ = false;
        incoming.swap(incoming_);
        handed_over_ = 0;
        recovered.swap(recovered_);
    }
    if (stopping_) return;
    for (auto& message : incoming) take_new(std::move(message));
    for (auto& stored : recovered) take_recovered(std::move(stored));
}

void Dispatcher::take_new(queue::Message message) {
    const auto id = Uuid::parse(message.envelope.id);
    if (!id) return;
    if (!waits_for_rules(message.envelope)) return begin_first_round(*id, std::move(message));
    Unruled unruled{*id, std::nullopt, keep_warm(message)};
    if (unruled.warm_octets > 0) unruled.message = std::move(message);
    ask_rules(std::move(unruled));
}

// The octets that count from now on; 0: there is no room, its text is read again when it is needed.
std::size_t Dispatcher::keep_warm(const queue::Message& message) {
    const auto octets = message.body ? message.prefix.size() + message.body->size() : 0;
    if (warm_octets_ + octets > kWarmOctets) return 0;
    warm_octets_ += octets;
    return octets;
}

void Dispatcher::begin_first_round(const Uuid& id, queue::Message message) {
    const auto job = std::make_shared<Job>();
    job->warm_octets = keep_warm(message);
    job->envelope = std::move(message.envelope);
    Round round;
    if (job->warm_octets > 0) {
        job->prefix = std::move(message.prefix);
        job->body = std::move(message.body);
        round.job = job;
    }
    begin_round(id, std::move(round), job->envelope);
}

void Dispatcher::take_recovered(queue::StoredEnvelope stored) {
    const auto id = Uuid::parse(stored.envelope.id);
    if (!id || !queue::is_delivered(stored.queue) || rounds_.contains(*id) || ruling_.contains(*id)) return;
    unproven_.insert(*id);
    // A message with nobody left is due, too: its end was not stored.
    schedule_.wait(*id, next_attempt(stored.envelope).value_or(options_.now()));
}

bool Dispatcher::due(const Recipient& recipient, bool forced) const {
    return !recipient.done() && (forced || recipient.next_attempt <= options_.now());
}

// Gives the message to the destinations of all recipients that are due.
void Dispatcher::begin_round(const Uuid& id, Round round, const Envelope& envelope) {
    round.forced = forced_.erase(id) > 0;
    std::vector<std::string> destinations;
    for (const Recipient& recipient : envelope.recipients) {
        if (!due(recipient, round.forced)) continue;
        auto found = routing_->destination(envelope, recipient);
        if (std::find(destinations.begin(), destinations.end(), found) == destinations.end())
            destinations.push_back(std::move(found));
    }
    round.maybe_repeated = unproven_.erase(id) > 0;
    if (destinations.empty()) {
        if (round.job) warm_octets_ -= std::exchange(round.job->warm_octets, 0);
        if (const auto next = next_attempt(envelope)) return schedule_.wait(id, *next);
        auto job = round.job ? round.job : std::make_shared<Job>();
        job->envelope = envelope;
        return settle(id, std::move(job));
    }
    round.destinations = round.tickets = destinations.size();
    if (round.job) round.job->maybe_repeated = round.maybe_repeated;
    rounds_.insert_or_assign(id, std::move(round));
    for (const auto& destination : destinations) {
        schedule_.enqueue(destination, id);
        if (const auto idle = idle_lanes_.find(destination); idle != idle_lanes_.end()) {
            ActiveLane* const lane = idle->second;
            idle_lanes_.erase(idle);
            lane->wake();
        }
    }
}

void Dispatcher::fetch_due() {
    while (!stopping_ && fetching_ < kFetches) {
        std::vector<Uuid> due;
        while (due.size() < kFetched) {
            const auto id = schedule_.take_due(options_.now());
            if (!id) break;
            const auto unsaved = unsaved_.find(*id);
            if (unsaved != unsaved_.end()) {
                settle(*id, std::exchange(unsaved->second, nullptr));
                unsaved_.erase(unsaved);
            } else if (!rounds_.contains(*id) && !ruling_.contains(*id)) {
                due.push_back(*id);
            }
        }
        if (due.empty()) return;
        ++fetching_;
        asio::co_spawn(io_, fetch(std::move(due)), asio::detached);
    }
}

asio::awaitable<void> Dispatcher::fetch(std::vector<Uuid> due) {
    auto loaded = co_await pool_.run([this, &due] {
        std::vector<Loaded> all;
        for (const Uuid& id : due) all.push_back(load(id, Read::envelope));
        return all;
    });
    --fetching_;
    for (std::size_t i = 0; i < due.size() && !stopping_; ++i) {
        if (!loaded[i].trouble.empty()) {
            trouble(due[i].to_string(), loaded[i].trouble);
            schedule_.wait(due[i], options_.now() + options_.retry.first_wait);
        } else if (loaded[i].job && !rounds_.contains(due[i]) && !ruling_.contains(due[i])) {
            if (waits_for_rules(loaded[i].job->envelope))
                ask_rules({due[i], std::nullopt});
            else
                begin_round(due[i], {}, loaded[i].job->envelope);
        }
    }
    pump();
}

// What is corrupt has been set aside; if it is still there, the disk has refused even that.
Dispatcher::Loaded Dispatcher::unreadable(const std::string& id, std::string_view part, std::error_code failed,
                                          const std::string& corrupt) const {
    if (failed == std::errc::no_such_file_or_directory || !spool_.queue_of(id)) return {};
    return {nullptr, fmt::format("cannot read the {}: {}", part, failed ? failed.message() : corrupt)};
}

// On a thread of the pool.
Dispatcher::Loaded Dispatcher::load(const Uuid& id, Read read) {
    const auto name = id.to_string();
    const auto place = spool_.queue_of(id);
    if (!place || !queue::is_delivered(*place)) return {};
    auto envelope = spool_.envelope(name);
    if (!envelope.envelope) return unreadable(name, "envelope", envelope.failed, envelope.corrupt);
    Loaded loaded{std::make_shared<Job>(), {}};
    loaded.job->envelope = *std::move(envelope.envelope);
    if (read == Read::envelope) return loaded;
    auto body = spool_.body(name);
    if (!body.body) return unreadable(name, "body", body.failed, body.corrupt);
    loaded.job->body = std::move(body.body);
    return loaded;
}

void Dispatcher::pump_soon() {
    if (std::exchange(pump_posted_, true)) return;
    asio::post(io_, [this] {
        pump_posted_ = false;
        pump();
    });
}

void Dispatcher::pump() {
    take_incoming();
    fetch_due();
    run_rules();
    open_lanes();
    const auto now = options_.now();
    if (now >= next_sweep_) {
        schedule_.sweep(now);
        next_sweep_ = now + std::chrono::minutes(1);
    }
    end_pump();
}

// What cannot be noted down is not done.
bool Dispatcher::delivers() const noexcept { return !stopping_ && spool_.health() != queue::Health::failed; }

void Dispatcher::open_lanes() {
    while (delivers()) {
        const auto destination = schedule_.open_channel();
        if (!destination) return;
        const auto lane = lanes_.emplace(lanes_.end(), *this, *destination);
        // The lane goes when the coroutine that uses it has gone.
        auto ended = [this, lane](const std::exception_ptr&) { asio::post(io_, [this, lane] { end_lane(lane); }); };
        asio::co_spawn(io_, run_lane(*lane),
                       asio::bind_cancellation_slot(lane->cancellation().slot(), std::move(ended)));
    }
}

asio::awaitable<void> Dispatcher::run_lane(ActiveLane& lane) {
    auto transport = routing_->transport(lane.destination());
    if (!transport) transport = no_route_;
    std::string thrown;
    try {
        co_await transport->serve(lane);
    } catch (const std::exception& failure) {
        thrown = failure.what();
    }
    lane.abandon();
    if (!thrown.empty() && !stopping_) {
        trouble("", "a channel to '" + lane.destination() + "' broke: " + thrown);
        co_await lane.unreachable(Outcome::temporary("4.3.0 internal error: " + thrown));
    }
}

void Dispatcher::end_lane(std::list<ActiveLane>::iterator lane) {
    const std::string destination = lane->destination();
    lanes_.erase(lane);
    schedule_.close_channel(destination);
    if (stopping_ && !at_work()) timer_.cancel();
    pump();
}

void Dispatcher::end_pump() {
    const auto active = rounds_.size() + ruling_.size() + settling_ + fetching_;
    active_ = active;
    waiting_ = schedule_.waiting() + active;
    set_timer();
    const auto next = schedule_.next_due();
    const bool quiet = active == 0 && (!next || *next > options_.now());
    const std::lock_guard lock(mutex_);
    idle_ = quiet && !woken_ && asked_ == 0;
    if (idle_) idle_changed_.notify_all();
}

void Dispatcher::set_timer() {
    if (stopping_) return;
    const auto due = schedule_.next_due();
    const bool paused = !delivers();
    if (!due && !paused) return;
    const auto longest = paused ? kPause : std::chrono::hours(1);
    const auto wait = std::clamp<queue::TimePoint::duration>(due.value_or(queue::TimePoint::max()) - options_.now(),
                                                             queue::TimePoint::duration(0), longest);
    timer_.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(wait));
    timer_.async_wait([this](error_code cancelled) {
        if (!cancelled && !stopping_) pump();
    });
}

void Dispatcher::trouble(const std::string& id, const std::string& what) {
    if (options_.on_trouble) options_.on_trouble(id, what);
}

}  // namespace sluice::deliver
