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
    if (large) return write_large(std::move(records), std::move(done));
    const Uuid id = records.front().id;
    committer_->add({.id = id, .records = std::move(records), .prepare = {}, .done = std::move(done)});
}

// The bodies are on stable storage before the records that name them.
void Spool::write_large(std::vector<NewRecord> records, Done done) {
    auto shared = std::make_shared<std::vector<NewRecord>>(std::move(records));
    asio::post(large_writer_, [this, shared, done = std::move(done)] {
        std::error_code failed;
        for (const NewRecord& record : *shared) {
            if (failed || record.type != RecordType::large) continue;
            const std::array<std::string_view, 2> parts = {record.prefix, *record.body};
            failed = io::create_file(paths_.large_body(record.id.to_string()), parts);
        }
        if (!failed) failed = io::sync_directory(paths_.large());
        if (failed) {
            drop_large(*shared);
            return done(failed);
        }
        committer_->add({.id = shared->front().id,
                         .records = *shared,
                         .prepare = {},
                         .done = [this, shared, done](std::error_code unwritten) {
                             if (unwritten) drop_large(*shared);
                             done(unwritten);
                         }});
    });
}

void Spool::drop_large(const std::vector<NewRecord>& records) const {
    for (const NewRecord& record : records)
        if (record.type == RecordType::large) (void)io::remove_file(paths_.large_body(record.id.to_string()));
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
NewRecord Spool::outcome_record(const Uuid& id, Envelope& envelope, Queue queue) const {
    if (const auto entry = index_.find(id); entry && !is_delivered(entry->queue)) {
        queue = entry->queue;
        if (const auto stored = read_envelope(id); stored.envelope) envelope.hold_reason = stored.envelope->hold_reason;
    }
    return state_record(id, envelope, queue);
}

void Spool::update(Envelope envelope, Queue queue, MoveIf move_if, Durable durable, Done done) {
    const std::string id = envelope.id;
    auto prepare = [this, queue, move_if, envelope = std::move(envelope)](
                       const Uuid& uuid, std::vector<NewRecord>& records) mutable -> std::error_code {
        records.push_back(move_if == MoveIf::still_delivered ? outcome_record(uuid, envelope, queue)
                                                             : state_record(uuid, envelope, queue));
        return {};
    };
    change(id, durable, std::move(prepare), std::move(done));
}

bool Spool::is_large(const std::string& id) const {
    const auto uuid = Uuid::parse(id);
    const auto entry = uuid ? index_.find(*uuid) : std::nullopt;
    return entry && entry->large;
}

// The body's file goes when nothing can bring the record back.
Spool::Done Spool::with_large_body(const std::string& id, Done done) const {
    if (!is_large(id)) return done;
    return [this, id, done = std::move(done)](std::error_code failed) {
        if (!failed) (void)io::remove_file(paths_.large_body(id));
        done(failed);
    };
}

void Spool::remove(const std::string& id, Durable durable, Done done) {
    auto prepare = [](const Uuid& uuid, std::vector<NewRecord>& records) -> std::error_code {
        records.push_back(done_record(uuid));
        return {};
    };
    change(id, is_large(id) ? Durable::now : durable, std::move(prepare), with_large_body(id, std::move(done)));
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
        into.push_back(queue ? outcome_record(uuid, envelope, *queue) : done_record(uuid));
        return {};
    };
    change(id, Durable::now, std::move(prepare), queue ? std::move(done) : with_large_body(id, std::move(done)));
}

void Spool::move(const std::string& id, Queue queue, Done done) {
    if (queue == Queue::corrupt) return done(std::make_error_code(std::errc::invalid_argument));
    auto prepare = [this, queue](const Uuid& uuid, std::vector<NewRecord>& records) -> std::error_code {
        auto stored = read_envelope(uuid);
        if (!stored.envelope)
            return stored.failed ? stored.failed : std::make_error_code(std::errc::illegal_byte_sequence);
        if (queue != Queue::hold) stored.envelope->hold_reason.clear();
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
