#include "engine/queue/spool.hpp"

#include <sys/statvfs.h>

#include <boost/asio/post.hpp>

#include <future>
#include <utility>

#include "engine/queue/corrupt_store.hpp"
#include "engine/queue/envelope_format.hpp"
#include "engine/queue/segment_reader.hpp"

namespace sluice::queue {

namespace {

std::error_code no_such_message() { return std::make_error_code(std::errc::no_such_file_or_directory); }

NewRecord state_record(const Uuid& id, const Envelope& envelope, Queue queue) {
    return {.type = RecordType::state, .id = id, .queue = queue, .envelope = encode_envelope(envelope, queue)};
}

NewRecord done_record(const Uuid& id) { return {.type = RecordType::done, .id = id, .envelope = id.to_string()}; }

NewRecord message_record(const Spool::NewMessage& given) {
    const Message& message = given.message;
    const auto size = message.prefix.size() + message.body->size();
    return {.type = size > kLargeBody ? RecordType::large : RecordType::message,
            .id = *Uuid::parse(message.envelope.id),
            .queue = given.queue,
            .envelope = encode_envelope(message.envelope, given.queue),
            .prefix = message.prefix,
            .body = message.body,
            .body_checksum = checksum(*message.body, checksum(message.prefix))};
}

}  // namespace

void end_hold(Envelope& envelope) {
    envelope.hold_reason.clear();
    envelope.held_by_rules = false;
}

void Spool::submit(const std::vector<NewMessage>& messages, Done done) {
    std::vector<NewRecord> records;
    records.reserve(messages.size());
    bool large = false;
    for (const NewMessage& each : messages) {
        if (!Uuid::parse(each.message.envelope.id) || !each.message.body || each.queue == Queue::corrupt)
            return done(std::make_error_code(std::errc::invalid_argument));
        records.push_back(message_record(each));
        if (index_.find(records.back().id)) return done(std::make_error_code(std::errc::file_exists));
        large = large || records.back().type == RecordType::large;
    }
    if (records.empty()) return done({});
    auto commit = [this](std::vector<NewRecord> all, Done then) {
        const Uuid id = all.front().id;
        committer_->add({.id = id, .records = std::move(all), .prepare = {}, .done = std::move(then)});
    };
    if (!large) return commit(std::move(records), std::move(done));
    const auto shared = std::make_shared<const std::vector<NewRecord>>(std::move(records));
    write_large(
        shared, [commit, shared](Done then) { commit(*shared, std::move(then)); }, std::move(done));
}

// The bodies are on stable storage before the records that name them.
void Spool::write_large(Records records, std::function<void(Done)> commit, Done done) {
    asio::post(large_writer_, [this, records, commit = std::move(commit), done = std::move(done)] {
        std::error_code failed;
        for (const NewRecord& record : *records) {
            if (failed || record.type != RecordType::large) continue;
            const std::array<std::string_view, 2> parts = {record.prefix, *record.body};
            failed = io::create_file(large_body(record), parts);
        }
        if (!failed) failed = io::sync_directory(paths_.large());
        auto end = [this, records, done](std::error_code unwritten) {
            if (unwritten) drop_large(*records);
            done(unwritten);
        };
        failed ? end(failed) : commit(std::move(end));
    });
}

std::filesystem::path Spool::large_body(const NewRecord& record) const {
    return paths_.large_body(record.id.to_string(), record.body_checksum);
}

void Spool::drop_large(const std::vector<NewRecord>& records) const {
    for (const NewRecord& record : records)
        if (record.type == RecordType::large) (void)io::remove_file(large_body(record));
}

void Spool::change(const std::string& id, Durable durable,
                   std::function<std::error_code(const Uuid&, std::vector<NewRecord>&)> prepare, Done done) {
    const auto uuid = Uuid::parse(id);
    if (!uuid) return done(no_such_message());
    auto prepared = [this, uuid = *uuid, prepare = std::move(prepare)](std::vector<NewRecord>& records) {
        return index_.find(uuid) ? prepare(uuid, records) : no_such_message();
    };
    committer_->add(
        {.id = *uuid, .records = {}, .prepare = std::move(prepared), .durable = durable, .done = std::move(done)});
}

// The message stays where somebody put it meanwhile, for the reason he gave.
Queue Spool::queue_after(const Uuid& id, Envelope& envelope, Queue queue) const {
    const auto entry = index_.find(id);
    if (!entry || is_delivered(entry->queue)) return queue;
    if (const auto stored = read_envelope(id); stored.envelope) {
        envelope.hold_reason = stored.envelope->hold_reason;
        envelope.held_by_rules = stored.envelope->held_by_rules;
    }
    return entry->queue;
}

void Spool::update(Envelope envelope, Queue queue, MoveIf move_if, Durable durable, Done done) {
    const std::string id = envelope.id;
    auto prepare = [this, queue, move_if, envelope = std::move(envelope)](
                       const Uuid& uuid, std::vector<NewRecord>& records) mutable -> std::error_code {
        const auto place = move_if == MoveIf::still_delivered ? queue_after(uuid, envelope, queue) : queue;
        records.push_back(state_record(uuid, envelope, place));
        return {};
    };
    change(id, durable, std::move(prepare), std::move(done));
}

std::optional<std::filesystem::path> Spool::large_body_of(const std::string& id) const {
    const auto uuid = Uuid::parse(id);
    const auto entry = uuid ? index_.find(*uuid) : std::nullopt;
    if (!entry || !entry->large) return std::nullopt;
    return paths_.large_body(id, *entry->large);
}

// It goes when nothing can bring back the record that names it.
Spool::Done Spool::dropping(std::optional<std::filesystem::path> large_body, Done done) {
    if (!large_body) return done;
    return [path = *std::move(large_body), done = std::move(done)](std::error_code failed) {
        if (!failed) (void)io::remove_file(path);
        done(failed);
    };
}

void Spool::remove(const std::string& id, Durable durable, Done done) {
    auto prepare = [](const Uuid& uuid, std::vector<NewRecord>& records) -> std::error_code {
        records.push_back(done_record(uuid));
        return {};
    };
    auto large_body = large_body_of(id);
    if (large_body) durable = Durable::now;
    change(id, durable, std::move(prepare), dropping(std::move(large_body), std::move(done)));
}

void Spool::conclude(Envelope envelope, std::optional<Queue> queue, std::vector<NewMessage> reports, Done done) {
    const std::string id = envelope.id;
    std::vector<NewRecord> records;
    for (const NewMessage& each : reports) {
        records.push_back(message_record(each));
        records.back().type = RecordType::message;  // reports quote little
    }
    if (!queue && records.empty()) return remove(id, Durable::soon, std::move(done));
    auto prepare = [this, queue, envelope = std::move(envelope), reported = std::move(records)](
                       const Uuid& uuid, std::vector<NewRecord>& into) mutable -> std::error_code {
        into = std::move(reported);
        into.push_back(queue ? state_record(uuid, envelope, queue_after(uuid, envelope, *queue)) : done_record(uuid));
        return {};
    };
    change(id, Durable::now, std::move(prepare),
           queue ? std::move(done) : dropping(large_body_of(id), std::move(done)));
}

void Spool::replace(Message message, Queue queue, Done done) {
    const std::string id = message.envelope.id;
    if (!Uuid::parse(id) || !message.body) return done(std::make_error_code(std::errc::invalid_argument));
    auto record = message_record({message, queue});
    const bool large = record.type == RecordType::large;
    const auto written = std::make_shared<const std::vector<NewRecord>>(1, record);
    auto prepare = [this, queue, envelope = std::move(message.envelope), record = std::move(record)](
                       const Uuid& uuid, std::vector<NewRecord>& records) mutable -> std::error_code {
        record.queue = queue_after(uuid, envelope, queue);
        record.envelope = encode_envelope(envelope, record.queue);
        records.push_back(record);
        return {};
    };
    auto commit = [this, id, prepare = std::move(prepare)](Done then) {
        change(id, Durable::now, prepare, dropping(large_body_of(id), std::move(then)));
    };
    if (!large) return commit(std::move(done));
    write_large(written, std::move(commit), std::move(done));
}

void Spool::move(const std::string& id, Queue queue, Done done) {
    if (queue == Queue::corrupt) return done(std::make_error_code(std::errc::invalid_argument));
    auto prepare = [this, queue](const Uuid& uuid, std::vector<NewRecord>& records) -> std::error_code {
        auto stored = read_envelope(uuid);
        if (!stored.envelope)
            return stored.failed ? stored.failed : std::make_error_code(std::errc::illegal_byte_sequence);
        if (queue != Queue::hold) end_hold(*stored.envelope);
        records.push_back(state_record(uuid, *stored.envelope, queue));
        return {};
    };
    change(id, Durable::now, std::move(prepare), std::move(done));
}

void Spool::hold(const std::string& id, std::string reason, Done done) {
    auto prepare = [this, reason = std::move(reason)](const Uuid& uuid,
                                                      std::vector<NewRecord>& records) -> std::error_code {
        auto stored = read_envelope(uuid);
        if (!stored.envelope)
            return stored.failed ? stored.failed : std::make_error_code(std::errc::illegal_byte_sequence);
        stored.envelope->hold_reason = reason;
        stored.envelope->held_by_rules = false;
        records.push_back(state_record(uuid, *stored.envelope, Queue::hold));
        return {};
    };
    change(id, Durable::now, std::move(prepare), std::move(done));
}

std::error_code Spool::wait(const std::function<void(Done)>& start) {
    std::promise<std::error_code> promise;
    auto result = promise.get_future();
    start([&promise](std::error_code failed) { promise.set_value(failed); });
    return result.get();
}

std::optional<Queue> Spool::queue_of(const Uuid& id) const {
    const auto entry = index_.find(id);
    return entry ? std::optional(entry->queue) : std::nullopt;
}

std::optional<Queue> Spool::queue_of(const std::string& id) const {
    const auto uuid = Uuid::parse(id);
    return uuid ? queue_of(*uuid) : std::nullopt;
}

Health Spool::health_for(std::uint64_t size) const noexcept {
    if (const auto health = committer_->health(); health != Health::ok) return health;
    using Clock = std::chrono::steady_clock;
    const auto now = Clock::now().time_since_epoch();
    if (now - Clock::duration(space_checked_.load()) > std::chrono::seconds(1) || space_checked_.load() == 0) {
        struct statvfs disk {};
        if (statvfs(paths_.root().c_str(), &disk) != 0) return Health::failed;
        const bool no_files = disk.f_favail == 0 && disk.f_files != 0;
        space_ = no_files ? 0 : static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
        space_checked_ = now.count();
    }
    return space_ < 2 * size + kReserve ? Health::full : Health::ok;
}

}  // namespace sluice::queue
