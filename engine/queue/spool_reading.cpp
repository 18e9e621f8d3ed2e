// Spool: opening, recovery, and reading single messages.
#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <unordered_set>
#include <utility>

#include "engine/io/durable_file.hpp"
#include "engine/queue/corrupt_store.hpp"
#include "engine/queue/envelope_format.hpp"
#include "engine/queue/segment_reader.hpp"
#include "engine/queue/spool.hpp"

namespace sluice::queue {

namespace {

std::error_code no_such_message() { return std::make_error_code(std::errc::no_such_file_or_directory); }

struct Lock {
    io::Descriptor file;
    std::error_code failed;
};

Lock take_lock(const std::filesystem::path& path) {
    io::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, io::kPrivateFile));
    if (!file.open() || ::flock(file.number(), LOCK_EX | LOCK_NB) != 0) return {{}, {errno, std::system_category()}};
    return {std::move(file), {}};
}

// Segments that can be used again; what a crash left half made goes.
std::vector<std::filesystem::path> tidy_log(const std::filesystem::path& log) {
    std::vector<std::filesystem::path> spares;
    std::error_code failed;
    for (std::filesystem::directory_iterator at(log, failed), end; !failed && at != end; at.increment(failed)) {
        const auto extension = at->path().extension();
        if (extension == ".spare") spares.push_back(at->path());
        if (extension == ".new") (void)io::remove_file(at->path());
    }
    return spares;
}

}  // namespace

Spool::Opened Spool::open(const std::filesystem::path& directory, Committer::OnHealth on_health) {
    const SpoolPaths paths(directory);
    for (const auto& each : {paths.log(), paths.large(), paths.corrupt()})
        if (const auto failed = io::make_directories(each)) return {nullptr, failed, each.string(), {}};
    auto lock = take_lock(paths.lock());
    if (lock.failed) return {nullptr, lock.failed, paths.lock().string(), {}};
    std::unique_ptr<Spool> spool(new Spool(directory, std::move(lock.file)));
    auto scan = scan_log(paths.log(), spool->index_);
    SegmentWriter writer(paths.log(), {scan.last, scan.end_of_last, tidy_log(paths.log())});
    Compactor compactor(paths.log(), spool->index_, [raw = spool.get()](const Uuid& id, const std::string& why) {
        return raw->keep_message(id, why);
    });
    spool->committer_ =
        std::make_unique<Committer>(spool->index_, std::move(writer), std::move(compactor), std::move(on_health));
    for (const auto& damage : scan.damage) {
        if (damage.message.is_nil()) {
            (void)keep_corrupt(paths.corrupt(), damage.name, damage.octets, damage.reason);  // it stays in the log
        } else {
            spool->set_aside(damage.message, damage.reason);
        }
    }
    if (scan.unreadable.empty()) spool->remove_orphans();
    return {std::move(spool), {}, {}, std::move(scan)};
}

Spool::Spool(const std::filesystem::path& directory, io::Descriptor lock) : paths_(directory), lock_(std::move(lock)) {}

Spool::~Spool() {
    large_writer_.join();
    committer_.reset();
}

// All that can be read of it.
bool Spool::keep_message(const Uuid& id, const std::string& why) const {
    const auto entry = index_.find(id);
    if (!entry) return true;
    const auto name = id.to_string();
    const auto record = read_record(paths_.log(), entry->message, RecordPart::all);
    if (keep_corrupt(paths_.corrupt(), name, record.envelope + record.body, why)) return false;
    if (entry->large) (void)io::move_file(paths_.large_body(name, *entry->large), paths_.corrupt() / (name + ".eml"));
    return true;
}

// If it cannot be kept, it stays in the log and is found again.
void Spool::set_aside(const Uuid& id, const std::string& why) {
    if (keep_message(id, why)) (void)wait([&](Done done) { remove(id.to_string(), Durable::now, std::move(done)); });
}

// Bodies whose record a crash prevented, or outlived.
void Spool::remove_orphans() const {
    std::error_code failed;
    std::vector<std::filesystem::path> orphans;
    for (std::filesystem::directory_iterator at(paths_.large(), failed), end; !failed && at != end;
         at.increment(failed)) {
        const auto name = at->path().filename().string().substr(0, Uuid::text_size);
        const auto id = Uuid::parse(name);
        const auto entry = id ? index_.find(*id) : std::nullopt;
        if (!entry || !entry->large || at->path() != paths_.large_body(name, *entry->large))
            orphans.push_back(at->path());
    }
    for (const auto& orphan : orphans) (void)io::remove_file(orphan);
}

void Spool::each(const std::function<void(StoredEnvelope)>& found, const Unreadable& unreadable,
                 std::optional<Queue> only) {
    for (const auto& [id, place] : index_.envelopes_in_order()) {
        if (only && queue_of(id) != only) continue;
        const auto name = id.to_string();
        auto read = envelope(name);
        const auto queue = queue_of(id);
        if (read.envelope && queue) found({*std::move(read.envelope), *queue});
        if (read.failed && queue && unreadable) unreadable(name, read.failed);
    }
}

Spool::EnvelopeResult Spool::read_envelope(const Uuid& id) const {
    for (;;) {
        const auto entry = index_.find(id);
        if (!entry) return {{}, no_such_message(), {}};
        const auto record = read_record(paths_.log(), entry->envelope(), RecordPart::envelope);
        auto decoded = record.good() ? decode_envelope(record.envelope) : DecodedEnvelope();
        if (decoded.envelope) return {std::move(decoded.envelope), {}, {}};
        // It may have been written elsewhere meanwhile.
        const auto now = index_.find(id);
        if (now && !(now->envelope() == entry->envelope())) continue;
        if (record.failed) return {{}, record.failed, {}};
        return {{}, {}, record.good() ? decoded.reason : record.corrupt};
    }
}

Spool::EnvelopeResult Spool::envelope(const std::string& id) {
    const auto uuid = Uuid::parse(id);
    if (!uuid) return {{}, no_such_message(), {}};
    auto result = read_envelope(*uuid);
    if (!result.corrupt.empty()) set_aside(*uuid, result.corrupt);
    return result;
}

Spool::BodyResult Spool::body(const std::string& id) {
    const auto uuid = Uuid::parse(id);
    for (;;) {
        const auto entry = uuid ? index_.find(*uuid) : std::nullopt;
        if (!entry) return {nullptr, no_such_message(), {}};
        auto record = read_record(paths_.log(), entry->message, RecordPart::all);
        if (record.good() && entry->large) {
            auto file = read_whole(paths_.large_body(id, *entry->large));
            record.failed = file.failed;
            record.body = std::move(file.bytes);
            if (!record.failed && checksum(record.body) != record.head.body_checksum)
                record.corrupt = "wrong checksum of the body";
            if (file.failed == std::errc::no_such_file_or_directory) {
                record.failed = {};
                record.corrupt = "the file of the body is gone";
            }
        }
        if (record.good()) return {std::make_shared<const std::string>(std::move(record.body)), {}, {}};
        const auto now = index_.find(*uuid);
        if (now && !(now->message == entry->message)) continue;
        if (now && !record.failed) set_aside(*uuid, record.corrupt);
        return {nullptr, record.failed, record.corrupt};
    }
}

}  // namespace sluice::queue
