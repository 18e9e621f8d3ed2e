// What follows when all attempts of a message that were due are over.
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "engine/deliver/dispatcher.hpp"

namespace sluice::deliver {

using queue::DsnAction;
using queue::Queue;
using queue::Recipient;
using queue::RecipientState;
using queue::Spool;

double Dispatcher::random() { return std::uniform_real_distribution<double>(0.0, 1.0)(generator_); }

void Dispatcher::record(Job& job, std::size_t number, const Outcome& outcome) {
    Recipient& recipient = job.envelope.recipients[number];
    job.unsaved = true;
    ++recipient.attempts;
    recipient.status = outcome.status();
    recipient.last_error = outcome.text();
    recipient.remote = outcome.host();
    const auto now = options_.now();
    switch (outcome.kind()) {
        case Outcome::Kind::delivered:
            recipient.state = RecipientState::sent;
            if (outcome.is_passed_on()) recipient.reported |= queue::notify_success;  // by the next host
            if (outcome.is_relayed()) job.relayed.push_back(number);
            recipient.last_error.clear();
            break;
        case Outcome::Kind::permanent: recipient.state = RecipientState::failed; break;
        case Outcome::Kind::temporary:
            recipient.state = RecipientState::deferred;
            recipient.next_attempt = now + wait_after(options_.retry, recipient.attempts, random());
            if (now - job.envelope.received < options_.retry.expiry) break;
            recipient.state = RecipientState::failed;
            recipient.status = "4.4.7";  // why it was tried for so long stays where it is
            break;
    }
    if (options_.on_attempt) options_.on_attempt(job.envelope, recipient, outcome);
}

// One destination has come to an end with the message.
void Dispatcher::end_ticket(const Uuid& id) {
    const auto found = rounds_.find(id);
    Round& round = found->second;
    if (--round.tickets > 0) {
        if (round.job && round.job->unsaved) keep_outcomes(*round.job);
        return;
    }
    auto job = std::move(round.job);
    const auto not_before = round.not_before;
    rounds_.erase(found);
    if (job && job->warm_octets > 0) warm_octets_ -= std::exchange(job->warm_octets, 0);
    if (job && job->unsaved) {
        settle(id, std::move(job));
    } else if (const auto place = spool_.queue_of(id); place && queue::is_delivered(*place)) {
        // Nothing was tried: the disk, or the routes have changed meanwhile, or the server stops.
        if (!stopping_) schedule_.wait(id, not_before.value_or(options_.now()));
    }
    pump_soon();
}

// Others of its recipients are still being tried: so that a crash does not repeat what is done.
void Dispatcher::keep_outcomes(Job& job) {
    spool_.update(job.envelope, Queue::deferred, Spool::MoveIf::still_delivered, queue::Durable::soon,
                  [](std::error_code) { /* settle() stores it again, and tells of an error */ });
}

Dispatcher::Conclusion Dispatcher::conclude(Job& job) const {
    Conclusion conclusion;
    const auto& envelope = job.envelope;
    const auto now = options_.now();
    const bool late =
        options_.retry.delay_warning.count() > 0 && now - envelope.received >= options_.retry.delay_warning;
    const auto report = [&](const Recipient& recipient, DsnAction action) {
        if (!options_.report || !queue::is_owed(envelope, recipient, action)) return false;
        conclusion.reported.push_back({&recipient, action});
        return true;
    };
    for (std::size_t i = 0; i < envelope.recipients.size(); ++i) {
        const Recipient& recipient = envelope.recipients[i];
        const auto told = [&](queue::Notify what) { return (recipient.reported & what) != 0; };
        if (!recipient.done()) {
            conclusion.next = std::min(conclusion.next.value_or(recipient.next_attempt), recipient.next_attempt);
            if (late && recipient.attempts > 0 && !told(queue::notify_delay)) report(recipient, DsnAction::delayed);
        } else if (recipient.state == RecipientState::sent && !told(queue::notify_success)) {
            const bool relayed = std::find(job.relayed.begin(), job.relayed.end(), i) != job.relayed.end();
            report(recipient, relayed ? DsnAction::relayed : DsnAction::delivered);
        } else if (recipient.state == RecipientState::failed && !told(queue::notify_failure)) {
            // A sender who asked not to be told has been served.
            const bool nobody = envelope.reverse_path.empty() || !options_.report;
            if (!report(recipient, DsnAction::failed) && nobody) conclusion.dead = true;
        }
    }
    return conclusion;
}

namespace {

std::uint8_t told_by(DsnAction action) {
    return action == DsnAction::failed    ? queue::notify_failure
           : action == DsnAction::delayed ? queue::notify_delay
                                          : queue::notify_success;
}

// The envelope as it is when the report is stored.
queue::Envelope with_reports(const queue::Envelope& envelope, std::span<const queue::DsnRecipient> reported) {
    queue::Envelope told = envelope;
    for (const auto& each : reported)
        told.recipients[static_cast<std::size_t>(each.recipient - envelope.recipients.data())].reported |=
            told_by(each.action);
    return told;
}

}  // namespace

void Dispatcher::settle(const Uuid& id, std::shared_ptr<Job> job) {
    const auto conclusion = conclude(*job);
    if (!conclusion.reported.empty() && !job->body) {
        asio::co_spawn(io_, settle_after_reading(id, std::move(job)), asio::detached);
        return;
    }
    if (!conclusion.next && !conclusion.dead && conclusion.reported.empty()) return forget(id, std::move(job));
    ++settling_;
    const auto queue = conclusion.next   ? std::optional(Queue::deferred)
                       : conclusion.dead ? std::optional(Queue::dead)
                                         : std::nullopt;
    auto envelope = with_reports(job->envelope, conclusion.reported);
    std::vector<Spool::NewMessage> reports;
    if (!conclusion.reported.empty())
        reports.push_back({options_.report(job->envelope, job->prefix + *job->body, conclusion.reported,
                                           job->envelope.received + options_.retry.expiry),
                           Queue::deliver});
    auto done = [this, id, job, envelope, reports, next = conclusion.next,
                 work = asio::make_work_guard(io_)](std::error_code failed) mutable {
        asio::post(io_, [=, this]() mutable {
            --settling_;
            if (!failed) job->envelope = std::move(envelope);
            settled(id, std::move(job), next, failed);
            if (!failed)
                for (auto& report : reports) add(std::move(report.message));
            pump();
        });
    };
    spool_.conclude(std::move(envelope), queue, std::move(reports), std::move(done));
}

// The usual end: all have got it. This thread hears only of trouble.
void Dispatcher::forget(const Uuid& id, std::shared_ptr<Job> job) {
    ++forgetting_;
    const std::string& name = job->envelope.id;
    const auto end = [this] {
        if (--forgetting_ > 0) return;
        const std::lock_guard lock(mutex_);
        idle_changed_.notify_all();
    };
    // stop() waits for the guard, so that the spool does not call somebody who is gone.
    auto work = asio::make_work_guard(io_);
    spool_.remove(name, queue::Durable::soon, [this, id, job, end, work = std::move(work)](std::error_code failed) {
        if (!failed && !options_.on_finished) return end();
        asio::post(io_, [this, id, job, end, failed] {
            settled(id, job, std::nullopt, failed);
            pump();
            end();
        });
    });
}

// What is only envelope, because its destination rests, needs its text for the report.
asio::awaitable<void> Dispatcher::settle_after_reading(Uuid id, std::shared_ptr<Job> job) {
    ++settling_;
    auto loaded = co_await pool_.run([this, id] { return load(id, Read::all); });
    --settling_;
    // Gone or not readable: the report is made without it.
    job->body = loaded.job ? loaded.job->body : std::make_shared<const std::string>();
    settle(id, std::move(job));
}

void Dispatcher::settled(const Uuid& id, std::shared_ptr<Job> job, std::optional<queue::TimePoint> next,
                         std::error_code failed) {
    if (failed == std::errc::no_such_file_or_directory) return;  // removed by the administrator meanwhile
    if (failed) {
        trouble(job->envelope.id, "cannot store the outcome: " + failed.message());
        job->prefix.clear();
        job->body.reset();  // read again, with the prefix, if a report needs it
        unsaved_.insert_or_assign(id, std::move(job));
        schedule_.wait(id, options_.now() + options_.retry.first_wait);
        return;
    }
    if (!next) {
        if (options_.on_finished) options_.on_finished(job->envelope);
        return;
    }
    const auto place = spool_.queue_of(id);
    if (place && queue::is_delivered(*place)) schedule_.wait(id, *next);
}

}  // namespace sluice::deliver
