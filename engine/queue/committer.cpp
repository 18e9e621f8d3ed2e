#include "engine/queue/committer.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

namespace sluice::queue {

namespace {

std::size_t octets_of(const Change& change) {
    std::size_t octets = 0;
    for (const NewRecord& record : change.records)
        octets += record.envelope.size() + record.prefix.size() + (record.body ? record.body->size() : 0);
    return octets;
}

}  // namespace

std::string_view to_string(Health health) noexcept {
    switch (health) {
        case Health::ok: return "ok";
        case Health::full: return "full";
        case Health::failed: break;
    }
    return "failed";
}

Committer::Committer(SpoolIndex& index, SegmentWriter writer, Compactor compactor, OnHealth on_health)
    : index_(index),
      writer_(std::move(writer)),
      compactor_(std::move(compactor)),
      on_health_(std::move(on_health)),
      thread_([this] { run(); }) {}

Committer::~Committer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Committer::add(Change change) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        const bool urgent = change.durable == Durable::now;
        if (urgent) ++urgent_;
        waiting_.push_back(std::move(change));
        // One that sleeps for company needs no second nudge.
        wake = sleeping_ && (urgent ? urgent_ == wanted_ : waiting_.size() == 1);
    }
    if (wake) wake_.notify_one();
}

void Committer::run() {
    Batch batch;
    while (take_batch(batch)) {
        if (!batch.empty()) commit(batch);
        batch.clear();
        sync_if_due();
        probe();
        compact();
    }
    if (sync() || !lost_.empty()) probe_now();
    writer_.close();
}

Committer::Clock::time_point Committer::next_duty() const {
    return std::min({sync_due_, probe_due_, compact_due_, Clock::now() + std::chrono::hours(1)});
}

// False: stop. An empty batch: something else is due. A batch ends before a second change of one message, which must
// see the first one's effect.
bool Committer::take_batch(Batch& batch) {
    std::unique_lock lock(mutex_);
    sleeping_ = true;
    if (waiting_.empty() && !stopping_)
        wake_.wait_until(lock, next_duty(), [this] { return stopping_ || !waiting_.empty(); });
    if (!waiting_.empty() && urgent_ == 0 && !stopping_)
        wake_.wait_for(lock, kCompany, [this] { return stopping_ || urgent_ > 0; });
    wait_for_those_told(lock);
    sleeping_ = false;
    std::unordered_set<Uuid, UuidHash> ids;
    std::size_t octets = 0;
    told_ = 0;
    while (!waiting_.empty() && batch.size() < kLargestBatch && octets < kLargestCommit &&
           ids.insert(waiting_.front().id).second) {
        octets += octets_of(waiting_.front());
        if (waiting_.front().durable == Durable::now) --urgent_, ++told_;
        batch.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    return !stopping_ || !batch.empty();
}

// A busy client whom the last commit answered sends its next message while others are synced: as many come as the last
// commit had. Starting with the first of them would cost a sync for each handful; none waits longer than a sync takes.
void Committer::wait_for_those_told(std::unique_lock<std::mutex>& lock) {
    if (stopping_ || urgent_ == 0 || urgent_ >= told_) return;
    wanted_ = told_;
    wake_.wait_for(lock, std::min<Clock::duration>(sync_took_, kCompany),
                   [this] { return stopping_ || urgent_ >= wanted_; });
    wanted_ = 1;
}

void Committer::prepare(Batch& batch, std::vector<std::error_code>& failed) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (!batch[i].prepare) continue;
        failed[i] = batch[i].prepare(batch[i].records);
        if (failed[i]) batch[i].records.clear();
    }
}

void Committer::commit(Batch& batch) {
    std::vector<std::error_code> failed(batch.size());
    prepare(batch, failed);
    std::vector<NewRecord*> records;
    bool durable = false;
    for (Change& change : batch) {
        for (NewRecord& record : change.records) records.push_back(&record);
        durable = durable || (change.durable == Durable::now && !change.records.empty());
    }
    const auto unwritten = write(records, durable);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (!failed[i] && !batch[i].records.empty()) failed[i] = unwritten;
        if (batch[i].done) batch[i].done(failed[i]);
    }
    if (unwritten || durable) return;
    for (NewRecord* record : records) unsynced_.push_back(std::move(*record));
}

// After an error nothing of it counts.
std::error_code Committer::write(std::vector<NewRecord*> records, bool durable) {
    if (records.empty()) return {};
    for (NewRecord& record : lost_) records.push_back(&record);
    auto failed = writer_.append(records);
    if (failed) lose_unsynced();
    if (!failed && durable) failed = sync();
    note(failed);
    if (failed) return failed;
    apply(records);
    if (!durable) {
        sync_due_ = std::min(sync_due_, Clock::now() + kLatestSync);
        std::move(lost_.begin(), lost_.end(), std::back_inserter(unsynced_));
    }
    lost_.clear();
    return {};
}

// They counted already, and are not to be found: again, in a segment that can be trusted.
void Committer::lose_unsynced() {
    std::move(unsynced_.begin(), unsynced_.end(), std::back_inserter(lost_));
    unsynced_.clear();
}

void Committer::apply(const std::vector<NewRecord*>& records) {
    index_.add_segment(writer_.current());
    std::uint64_t octets = 0;
    for (const NewRecord* record : records) {
        octets += record->place.bytes;
        index_.apply(*record);
    }
    index_.grow_segment(writer_.current(), octets);
}

std::error_code Committer::sync() {
    const auto begin = Clock::now();
    const auto failed = writer_.sync();
    sync_took_ = Clock::now() - begin;
    sync_due_ = Clock::time_point::max();
    if (failed)
        lose_unsynced();
    else
        unsynced_.clear();
    return failed;
}

void Committer::sync_if_due() {
    if (Clock::now() < sync_due_) return;
    note(sync());
}

void Committer::note(std::error_code failed) {
    const auto health = !failed ? Health::ok : io::is_full(failed) ? Health::full : Health::failed;
    probe_due_ = health == Health::ok ? Clock::time_point::max() : Clock::now() + kProbe;
    if (health_.exchange(health) != health && on_health_) on_health_(health, failed ? failed.message() : "");
}

void Committer::probe() {
    if (Clock::now() >= probe_due_) probe_now();
}

// A record that says nothing: of a message that never was. What was lost goes with it.
void Committer::probe_now() {
    NewRecord nothing{.type = RecordType::done, .id = {}, .envelope = Uuid().to_string()};
    (void)write({&nothing}, true);
}

void Committer::compact() {
    compact_due_ = Clock::time_point::max();
    // What lives elsewhere now must be durable there.
    if (health() == Health::failed || !writer_.synced()) return;
    const auto now = Clock::now();
    if (now < compact_not_before_) {
        compact_due_ = compact_not_before_;
        return;
    }
    const auto later = [&](Clock::duration wait) { compact_due_ = compact_not_before_ = now + wait; };
    if (const auto dead = compactor_.dead_segment(writer_.current())) {
        if (writer_.give_back(*dead)) return later(kProbe);
        index_.drop_segment(*dead);
        compact_due_ = now;
        return;
    }
    auto step = compactor_.step(writer_.current());
    if (step.trouble) later(std::chrono::minutes(1));
    if (step.records.empty()) return;
    std::vector<NewRecord*> records;
    for (NewRecord& record : step.records) records.push_back(&record);
    if (write(records, true)) return later(kProbe);
    if (!step.trouble) compact_due_ = now;
}

}  // namespace sluice::queue
