// The rules of the stages postq and delivery, before the first attempt of a message.
#include <utility>

#include "engine/deliver/dispatcher.hpp"

namespace sluice::deliver {

bool Dispatcher::waits_for_rules(const queue::Envelope& envelope) const {
    return !envelope.next_stage.empty() && options_.rules;
}

void Dispatcher::ask_rules(Unruled unruled) {
    ruling_.insert(unruled.id);
    unruled_.push_back(std::move(unruled));
}

void Dispatcher::run_rules() {
    while (delivers() && !unruled_.empty() && rules_running_.size() < kRulesAtOnce) {
        Unruled unruled = std::move(unruled_.front());
        unruled_.pop_front();
        const auto running = rules_running_.emplace(rules_running_.end());
        auto ended = [this, running, id = unruled.id](const std::exception_ptr&) {
            asio::post(io_, [this, running, id] { end_rules(running, id); });
        };
        asio::co_spawn(io_, rule(std::move(unruled)), asio::bind_cancellation_slot(running->slot(), std::move(ended)));
    }
}

void Dispatcher::end_rules(std::list<asio::cancellation_signal>::iterator running, const Uuid& id) {
    rules_running_.erase(running);
    ruling_.erase(id);
    if (stopping_ && !at_work()) timer_.cancel();
    pump();
}

void Dispatcher::later(const Uuid& id, const std::string& what) {
    if (stopping_) return;
    trouble(id.to_string(), what);
    schedule_.wait(id, options_.now() + options_.retry.first_wait);
}

asio::awaitable<void> Dispatcher::rule(Unruled unruled) {
    const Uuid id = unruled.id;
    std::optional<Ruled> ruled;
    std::string thrown;
    try {
        if (!unruled.message) {
            auto loaded = co_await pool_.run([this, id] { return load(id, Read::all); });
            if (!loaded.trouble.empty()) later(id, loaded.trouble);
            if (!loaded.job) co_return;
            unruled.message.emplace(queue::Message{std::move(loaded.job->envelope), std::move(loaded.job->body), {}});
        }
        ruled = co_await options_.rules(*unruled.message);
    } catch (const std::exception& failure) {
        thrown = failure.what();
    }
    std::error_code failed;
    if (ruled) failed = co_await keep_ruling(*unruled.message, *ruled);
    warm_octets_ -= unruled.warm_octets;
    if (!ruled)
        later(id, "the rules of the queue broke: " + thrown);
    else if (failed && failed != std::errc::no_such_file_or_directory)  // removed by the administrator meanwhile
        later(id, "cannot store what the rules decided: " + failed.message());
    else if (!failed)
        deliver_ruled(id, *std::move(unruled.message));
}

// If it is still to be delivered.
void Dispatcher::deliver_ruled(const Uuid& id, queue::Message message) {
    const auto place = spool_.queue_of(id);
    if (place && queue::is_delivered(*place) && !stopping_) begin_first_round(id, std::move(message));
}

// What rules only said about recipients is stored with the first outcome: until then they would say it again.
asio::awaitable<std::error_code> Dispatcher::keep_ruling(const queue::Message& message, const Ruled& ruled) {
    if (ruled.edited) co_return co_await spool_.replace(message, ruled.queue);
    if (queue::is_delivered(ruled.queue)) co_return std::error_code();
    co_return co_await spool_.update(message.envelope, ruled.queue, queue::Spool::MoveIf::still_delivered);
}

}  // namespace sluice::deliver
