#include "engine/queue/spool.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <future>
#include <utility>

#include "engine/io/durable_file.hpp"
#include "engine/queue/message_id.hpp"
#include "engine/queue/spool_format.hpp"

namespace sluice::queue {

namespace {

std::error_code no_such_message() { return std::make_error_code(std::errc::no_such_file_or_directory); }

// The lock's descriptor, or minus the errno.
int take_lock(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, io::kPrivateFile);
    if (descriptor < 0) return -errno;
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
    const int failed = errno;
    ::close(descriptor);
    return -failed;
}

}  // namespace

Spool::Opened Spool::open(const std::filesystem::path& directory) {
    const SpoolFiles files(directory);
    std::vector<std::filesystem::path> needed = {files.temporary_directory(), files.state_directory()};
    for (const Queue queue : kAllQueues) needed.push_back(files.directory(queue));
    for (const auto& each : needed) {
        if (const std::error_code failed = io::make_directories(each)) return {nullptr, failed, each.string()};
    }
    const std::filesystem::path lock_path = directory / "lock";
    const int lock = take_lock(lock_path);
    if (lock < 0) return {nullptr, {-lock, std::system_category()}, lock_path.string()};
    // From here on the spool owns the lock.
    std::unique_ptr<Spool> spool(new Spool(directory, lock));
    const auto names = SpoolFiles::names(files.temporary_directory());
    for (const std::string& name : names.value_or(std::vector<std::string>())) {
        const std::filesystem::path path = files.temporary_directory() / name;
        if (const std::error_code failed = io::remove_file(path)) return {nullptr, failed, path.string()};
    }
    return {std::move(spool), {}, {}};
}

Spool::Spool(const std::filesystem::path& directory, int lock)
    : files_(directory), lock_(lock), committer_(std::make_unique<GroupCommit>(directory)) {}

Spool::~Spool() {
    committer_.reset();
    ::close(lock_);
}

void Spool::submit(Message message, Queue queue, Done done) {
    const std::string id = message.envelope.id;
    if (!is_message_id(id) || message.body == nullptr) return done(std::make_error_code(std::errc::invalid_argument));
    auto prepare = [this, queue, message = std::move(message)](FileChanges& changes, auto& place) -> std::error_code {
        const std::string& name = message.envelope.id;
        if (queue_of(name)) return std::make_error_code(std::errc::file_exists);
        changes.files.push_back({files_.temporary_directory() / (name + ".msg"), files_.message(queue, name),
                                 encode_message_head(message.envelope, *message.body), message.body});
        changes.undo_by_removal = true;
        place = queue;
        return {};
    };
    change(id, std::move(prepare), std::move(done));
}

// Moves the message file to `target` if it is elsewhere; false: no such message.
bool Spool::add_source(const std::string& id, FileChanges& changes, Queue target) const {
    const std::optional<Queue> source = queue_of(id);
    if (!source) return false;
    if (*source != target) changes.moves.emplace_back(files_.message(*source, id), files_.message(target, id));
    return true;
}

void Spool::add_state(const Envelope& envelope, FileChanges& changes) const {
    changes.files.push_back({files_.temporary_directory() / (envelope.id + ".state"), files_.state(envelope.id),
                             encode_state(envelope), nullptr});
}

void Spool::update(Envelope envelope, Queue queue, MoveIf move_if, Done done) {
    const std::string id = envelope.id;
    auto prepare = [=, this, envelope = std::move(envelope)](FileChanges& changes,
                                                             auto& place) mutable -> std::error_code {
        const std::optional<Queue> source = queue_of(envelope.id);
        if (!source) return no_such_message();
        place = queue;
        if (move_if == MoveIf::still_delivered && !is_delivered(*source)) {
            place = source;
            const SpoolFiles::EnvelopeResult stored = files_.read_envelope(*source, envelope.id);
            if (stored.envelope) envelope.hold_reason = stored.envelope->hold_reason;
        }
        (void)add_source(envelope.id, changes, *place);
        add_state(envelope, changes);
        return {};
    };
    change(id, std::move(prepare), std::move(done));
}

void Spool::remove(std::string id, Done done) {
    auto prepare = [this, id](FileChanges& changes, auto& place) -> std::error_code {
        const std::optional<Queue> queue = queue_of(id);
        if (!queue) return no_such_message();
        // In this order: a state file without its message is removed at start, a message without its state is sent
        // again.
        changes.removals = {files_.message(*queue, id), files_.state(id)};
        place = std::nullopt;
        return {};
    };
    change(std::move(id), std::move(prepare), std::move(done));
}

void Spool::move(std::string id, Queue queue, Done done) {
    auto prepare = [this, id, queue](FileChanges& changes, auto& place) -> std::error_code {
        place = queue;
        return add_source(id, changes, queue) ? std::error_code() : no_such_message();
    };
    change(std::move(id), std::move(prepare), std::move(done));
}

void Spool::hold(std::string id, std::string reason, Done done) {
    auto prepare = [this, id, reason = std::move(reason)](FileChanges& changes, auto& place) -> std::error_code {
        if (!add_source(id, changes, Queue::hold)) return no_such_message();
        SpoolFiles::EnvelopeResult read = envelope(id);
        if (!read.envelope) return read.failed ? read.failed : std::make_error_code(std::errc::illegal_byte_sequence);
        read.envelope->hold_reason = reason;
        add_state(*read.envelope, changes);
        place = Queue::hold;
        return {};
    };
    change(std::move(id), std::move(prepare), std::move(done));
}

void Spool::change(std::string id, Prepare prepare, Done done) {
    auto place = std::make_shared<std::optional<Queue>>();
    auto finished = [this, id, place, done = std::move(done)](std::error_code failed) {
        if (!failed) {
            const std::lock_guard lock(mutex_);
            if (*place) {
                index_[id] = **place;
            } else {
                index_.erase(id);
            }
        }
        done(failed);
    };
    auto prepared = [prepare = std::move(prepare), place](FileChanges& changes) { return prepare(changes, *place); };
    committer_->add({std::move(id), std::move(prepared), std::move(finished)});
}

std::error_code Spool::wait(const std::function<void(Done)>& start) {
    std::promise<std::error_code> promise;
    auto result = promise.get_future();
    start([&promise](std::error_code failed) { promise.set_value(failed); });
    return result.get();
}

std::optional<Queue> Spool::queue_of(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(id);
    return found == index_.end() ? std::nullopt : std::optional(found->second);
}

std::size_t Spool::size() const {
    const std::lock_guard lock(mutex_);
    return index_.size();
}

SpoolFiles::EnvelopeResult Spool::envelope(const std::string& id) const {
    const std::optional<Queue> queue = queue_of(id);
    if (!queue) return {std::nullopt, no_such_message(), {}};
    return files_.read_envelope(*queue, id);
}

SpoolFiles::BodyResult Spool::body(const std::string& id) {
    const std::optional<Queue> queue = queue_of(id);
    if (!queue) return {nullptr, no_such_message(), {}};
    SpoolFiles::BodyResult result = files_.read_body(*queue, id);
    if (!result.corrupt.empty()) (void)wait([&](Done done) { move(id, Queue::corrupt, std::move(done)); });
    return result;
}

}  // namespace sluice::queue
