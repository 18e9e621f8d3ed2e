// The spool: accepted messages on disk, in a log (format: record_format.hpp). submit() is the moment of "250": it
// completes only after the message is on stable storage; all who wait at one time share one sync (committer.hpp).
// Used by sessions (submit), delivery (update, remove) and the tools (hold, move, remove).
// Guarantees: an error result means that nothing of it is in the spool (the session says 451); what cannot be read is
// moved to corrupt/ once and never a reason to stop; one server at a time (lock file). Threads: every function may be
// called from any thread. Wait for all awaitables before destroying the spool, and stop the spool before the
// io_contexts of those who wait.
#pragma once

#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/io/descriptor.hpp"
#include "engine/queue/committer.hpp"
#include "engine/queue/log_scan.hpp"
#include "engine/queue/message.hpp"
#include "engine/queue/spool_paths.hpp"

namespace sluice::queue {

class Spool {
  public:
    struct Opened;
    // Creates the directories, takes the lock (error: resource_unavailable_try_again if another server has it), reads
    // the log and sets aside what is damaged.
    [[nodiscard]] static Opened open(const std::filesystem::path& directory, Committer::OnHealth on_health = {});
    // Commits what waits.
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    // All that are there, in the order of the log, while others may change them. Blocks. What is corrupt is set aside;
    // what the disk does not give now is left to `unreadable`.
    using Unreadable = std::function<void(const std::string& id, std::error_code failed)>;
    void each(const std::function<void(StoredEnvelope)>& found, const Unreadable& unreadable = {},
              std::optional<Queue> only = {});

    struct NewMessage {
        Message message;  // its id must be new, its body set
        Queue queue = Queue::deliver;
    };
    // Stores all of them or none.
    [[nodiscard]] asio::awaitable<std::error_code> submit(const std::vector<NewMessage>& messages);
    // Stores the envelope as it is now, and moves the message to `queue`. With still_delivered it stays where it is if
    // somebody held or moved it away from the delivered queues meanwhile, and keeps its hold reason.
    enum class MoveIf : std::uint8_t { always, still_delivered };
    [[nodiscard]] asio::awaitable<std::error_code> update(Envelope envelope, Queue queue,
                                                          MoveIf move_if = MoveIf::always,
                                                          Durable durable = Durable::now);
    [[nodiscard]] asio::awaitable<std::error_code> remove(std::string id, Durable durable = Durable::now);
    [[nodiscard]] asio::awaitable<std::error_code> move(std::string id, Queue queue);
    // Moves to the queue hold and stores the reason.
    [[nodiscard]] asio::awaitable<std::error_code> hold(std::string id, std::string reason);

    // Another message under the same id, in place of the one that is there (still_delivered).
    [[nodiscard]] asio::awaitable<std::error_code> replace(Message message, Queue queue);

    // The same for threads without coroutines: `done` is called from a thread of the spool and must not block.
    using Done = std::function<void(std::error_code)>;
    void submit(const std::vector<NewMessage>& messages, Done done);
    void update(Envelope envelope, Queue queue, MoveIf move_if, Durable durable, Done done);
    void remove(const std::string& id, Durable durable, Done done);
    void move(const std::string& id, Queue queue, Done done);
    void replace(Message message, Queue queue, Done done);
    // What became of a message, and the reports that tell it, in one commit: with a queue like update(still_delivered),
    // with nullopt the message is removed. If it is gone already, nothing is stored.
    void conclude(Envelope envelope, std::optional<Queue> queue, std::vector<NewMessage> reports, Done done);
    void hold(const std::string& id, std::string reason, Done done);
    // Calls one of them and waits: wait([&](Spool::Done done) { spool.remove(id, Durable::now, done); }).
    [[nodiscard]] static std::error_code wait(const std::function<void(Done)>& start);

    // The queue that holds the message; nullopt: none.
    [[nodiscard]] std::optional<Queue> queue_of(const Uuid& id) const;
    [[nodiscard]] std::optional<Queue> queue_of(const std::string& id) const;
    [[nodiscard]] std::size_t size() const { return index_.size(); }
    // Blocking reads. What is corrupt is set aside.
    struct EnvelopeResult {
        std::optional<Envelope> envelope;
        std::error_code failed;  // no_such_file_or_directory: no such message
        std::string corrupt;     // what is wrong with it
    };
    [[nodiscard]] EnvelopeResult envelope(const std::string& id);
    struct BodyResult {
        std::shared_ptr<const std::string> body;
        std::error_code failed;
        std::string corrupt;
    };
    [[nodiscard]] BodyResult body(const std::string& id);

    // Whether a message of that size may be accepted: full also if the disk has not twice that much and a reserve left.
    [[nodiscard]] Health health_for(std::uint64_t size) const noexcept;
    [[nodiscard]] Health health() const noexcept { return committer_->health(); }
    [[nodiscard]] const std::filesystem::path& root() const noexcept { return paths_.root(); }

    static constexpr std::uint64_t kReserve = 2 * kSegmentBytes;  // for the envelopes of what is already accepted

  private:
    Spool(const std::filesystem::path& directory, io::Descriptor lock);

    [[nodiscard]] asio::awaitable<std::error_code> awaited(std::function<void(Done)> start);
    void change(const std::string& id, Durable durable,
                std::function<std::error_code(const Uuid&, std::vector<NewRecord>&)> prepare, Done done);
    using Records = std::shared_ptr<const std::vector<NewRecord>>;
    void write_large(Records records, std::function<void(Done)> commit, Done done);
    void drop_large(const std::vector<NewRecord>& records) const;
    [[nodiscard]] std::filesystem::path large_body(const NewRecord& record) const;
    [[nodiscard]] Queue queue_after(const Uuid& id, Envelope& envelope, Queue queue) const;
    [[nodiscard]] std::optional<std::filesystem::path> large_body_of(const std::string& id) const;
    [[nodiscard]] static Done dropping(std::optional<std::filesystem::path> large_body, Done done);
    [[nodiscard]] EnvelopeResult read_envelope(const Uuid& id) const;
    void set_aside(const Uuid& id, const std::string& why);
    [[nodiscard]] bool keep_message(const Uuid& id, const std::string& why) const;
    void remove_orphans() const;

    SpoolPaths paths_;
    io::Descriptor lock_;
    SpoolIndex index_;
    mutable std::atomic<std::int64_t> space_checked_{0};  // ticks of the steady clock
    mutable std::atomic<std::uint64_t> space_{0};
    std::unique_ptr<Committer> committer_;
    asio::thread_pool large_writer_{1};  // a sync of some megabytes must not hold up the commits of others
};

// Takes away why it was held.
void end_hold(Envelope& envelope);

struct Spool::Opened {
    std::unique_ptr<Spool> spool;  // null exactly if failed is set
    std::error_code failed;
    std::string path;  // of what failed
    LogScan scan;      // what was found; the damage is in corrupt/ now
};

}  // namespace sluice::queue
