#include "engine/deliver/dispatcher.hpp"

#include <algorithm>
#include <utility>

namespace sluice::deliver {

using queue::Envelope;
using queue::Queue;
using queue::Recipient;
using queue::RecipientState;
using queue::Spool;

namespace {

// Of the recipients that are not done; nullopt: all are.
std::optional<queue::TimePoint> next_due(const Envelope& envelope) {
    std::optional<queue::TimePoint> due;
    for (const Recipient& each : envelope.recipients) {
        if (!each.done()) due = std::min(due.value_or(each.next_attempt), each.next_attempt);
    }
    return due;
}

}  // namespace

Dispatcher::Dispatcher(Spool& spool, Route route, Options options)
    : spool_(spool), route_(std::move(route)), options_(std::move(options)), generator_(std::random_device()()) {
    for (std::size_t i = 0; i < std::max<std::size_t>(1, options_.threads); ++i) {
        threads_.emplace_back([this] { work(); });
    }
}

Dispatcher::~Dispatcher() { stop(); }

void Dispatcher::add(queue::Message message) {
    auto job = std::make_shared<Job>();
    job->envelope = std::move(message.envelope);
    job->body = message.prefix.empty() ? std::move(message.body)
                                       : std::make_shared<const std::string>(message.prefix + *message.body);
    job->due = options_.now();
    put(std::move(job));
}

void Dispatcher::add_recovered(std::vector<queue::StoredEnvelope> messages) {
    for (auto& entry : messages) {
        if (!queue::is_delivered(entry.queue)) continue;
        auto job = std::make_shared<Job>();
        job->envelope = std::move(entry.envelope);
        job->maybe_repeated = true;
        // A message with nobody left is due too: run() ends it.
        job->due = next_due(job->envelope).value_or(options_.now());
        put(std::move(job));
    }
}

void Dispatcher::put(std::shared_ptr<Job> job) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push(std::move(job));
    }
    changed_.notify_one();
}

void Dispatcher::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

void Dispatcher::wake() { changed_.notify_all(); }

void Dispatcher::retry_all_now() {
    {
        const std::lock_guard lock(mutex_);
        std::vector<std::shared_ptr<Job>> all;
        for (; !jobs_.empty(); jobs_.pop()) all.push_back(jobs_.top());
        const queue::TimePoint now = options_.now();
        for (auto& job : all) {
            for (Recipient& recipient : job->envelope.recipients)
                recipient.next_attempt = std::min(recipient.next_attempt, now);
            job->due = now;
            jobs_.push(std::move(job));
        }
    }
    changed_.notify_all();
}

std::size_t Dispatcher::waiting() const {
    const std::lock_guard lock(mutex_);
    return jobs_.size() + in_flight_;
}

void Dispatcher::wait_idle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] {
        return stopping_ || (in_flight_ == 0 && (jobs_.empty() || jobs_.top()->due > options_.now()));
    });
}

void Dispatcher::work() {
    std::unique_lock lock(mutex_);
    while (const std::shared_ptr<Job> job = next(lock)) {
        ++in_flight_;
        lock.unlock();
        const bool again = run(*job);
        lock.lock();
        --in_flight_;
        if (again) jobs_.push(job);
        changed_.notify_all();
    }
}

// The next due job; null: stop.
std::shared_ptr<Dispatcher::Job> Dispatcher::next(std::unique_lock<std::mutex>& lock) {
    while (!stopping_) {
        if (jobs_.empty()) {
            changed_.wait(lock);
            continue;
        }
        const queue::TimePoint now = options_.now();
        if (jobs_.top()->due <= now) {
            std::shared_ptr<Job> job = jobs_.top();
            jobs_.pop();
            return job;
        }
        changed_.wait_for(lock, jobs_.top()->due - now);
    }
    return nullptr;
}

bool Dispatcher::run(Job& job) {
    const std::optional<Queue> place = spool_.queue_of(job.envelope.id);
    if (!place || !queue::is_delivered(*place)) return false;
    const auto due = next_due(job.envelope);
    if (due && *due <= options_.now()) {
        if (!job.body && !load_body(job)) {
            return spool_.queue_of(job.envelope.id) == place && trouble(job, "cannot read the body");
        }
        attempt_all(job);
    }
    if (!due || job.unsaved) return settle(job);
    job.due = *due;
    return true;
}

// False: a corrupt one was set aside, or the disk failed for now.
bool Dispatcher::load_body(Job& job) {
    job.body = spool_.body(job.envelope.id).body;
    return job.body != nullptr;
}

void Dispatcher::attempt_all(Job& job) {
    const queue::TimePoint now = options_.now();
    std::vector<Recipient*> due;
    for (Recipient& each : job.envelope.recipients) {
        if (!each.done() && each.next_attempt <= now) due.push_back(&each);
    }
    for (std::size_t i = 0; i < due.size() && !stopping(); ++i) {
        attempt(job, *due[i], i + 1 < due.size());
        job.unsaved = true;
    }
    // What is tried again later is read again then: a long queue does not hold all bodies in memory.
    job.body.reset();
    job.maybe_repeated = false;
}

bool Dispatcher::stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void Dispatcher::attempt(Job& job, Recipient& recipient, bool more_follow) {
    const std::shared_ptr<Transport> transport = route_(job.envelope, recipient);
    const Outcome outcome = transport ? transport->deliver({job.envelope, recipient, *job.body, job.maybe_repeated})
                                      : Outcome::permanent("5.4.4 no route to this recipient");
    record(recipient, outcome, job.envelope);
    if (options_.on_attempt) options_.on_attempt(job.envelope, recipient, outcome);
    // So that a crash during the next recipient's attempt does not repeat this one. After the last, settle() does it.
    if (!more_follow || !transport || transport->repeatable() || !recipient.done()) return;
    const auto failed = Spool::wait([&](Spool::Done done) {
        spool_.update(job.envelope, Queue::deferred, Spool::MoveIf::still_delivered, queue::Durable::soon,
                      std::move(done));
    });
    if (failed && options_.on_trouble)
        options_.on_trouble(job.envelope.id, "cannot store an outcome: " + failed.message());
}

void Dispatcher::record(Recipient& recipient, const Outcome& outcome, const Envelope& envelope) {
    ++recipient.attempts;
    switch (outcome.kind()) {
        case Outcome::Kind::delivered:
            recipient.state = RecipientState::sent;
            recipient.last_error.clear();
            return;
        case Outcome::Kind::permanent:
            recipient.state = RecipientState::failed;
            recipient.last_error = outcome.text();
            return;
        case Outcome::Kind::temporary: break;
    }
    recipient.state = RecipientState::deferred;
    recipient.last_error = outcome.text();
    recipient.next_attempt = options_.now() + wait_after(options_.retry, recipient.attempts, random());
    if (options_.now() - envelope.received < options_.retry.expiry) return;
    recipient.state = RecipientState::failed;
    recipient.last_error = "4.4.7 message expired; the last attempt said: " + outcome.text();
}

// Makes the outcomes durable. True: something is left for later.
bool Dispatcher::settle(Job& job) {
    const std::string& id = job.envelope.id;
    const auto& recipients = job.envelope.recipients;
    const std::optional<queue::TimePoint> due = next_due(job.envelope);
    const bool any_failed = std::any_of(recipients.begin(), recipients.end(),
                                        [](const Recipient& each) { return each.state == RecipientState::failed; });
    const auto failed = Spool::wait([&](Spool::Done done) {
        if (!due && !any_failed) return spool_.remove(id, queue::Durable::soon, std::move(done));
        spool_.update(job.envelope, due ? Queue::deferred : Queue::dead, Spool::MoveIf::still_delivered,
                      queue::Durable::soon, std::move(done));
    });
    if (failed == std::errc::no_such_file_or_directory) return false;  // removed by the administrator meanwhile
    if (failed) return trouble(job, "cannot store the outcome: " + failed.message());
    job.unsaved = false;
    if (!due && options_.on_finished) options_.on_finished(job.envelope);
    if (due) job.due = *due;
    return due.has_value();  // held meanwhile: run() notices
}

bool Dispatcher::trouble(Job& job, const std::string& what) {
    if (options_.on_trouble) options_.on_trouble(job.envelope.id, what);
    job.due = options_.now() + options_.retry.first_wait;
    return true;
}

double Dispatcher::random() {
    const std::lock_guard lock(mutex_);
    return std::uniform_real_distribution<double>(0.0, 1.0)(generator_);
}

}  // namespace sluice::deliver
