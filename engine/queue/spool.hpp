// The spool: accepted messages on disk (format: spool_format.hpp). submit() is the moment of "250": it completes only
// after file and directory are on stable storage; concurrent submissions share one sync (group_commit.hpp).
// Used by sessions (submit), the dispatcher (update, remove, move) and the control commands (hold, move, remove).
// Guarantees: an error result means that the message is not in the spool (the session says 451); a corrupt entry is
// moved to corrupt/ once and never a reason to stop; one server at a time (lock file). Threads: every function may be
// called from any thread. Wait for all awaitables before destroying the spool, and stop the spool before the
// io_contexts of those who wait.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/queue/group_commit.hpp"
#include "engine/queue/message.hpp"
#include "engine/queue/spool_files.hpp"

namespace sluice::queue {

class Spool {
  public:
    struct Opened;
    // Creates the directories, takes the lock (error: resource_unavailable_try_again if another server has it) and
    // removes what a crash left in tmp/.
    [[nodiscard]] static Opened open(const std::filesystem::path& directory);
    // Commits what waits.
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    struct Recovered;
    // Once, after open(): all stored messages. Blocks.
    [[nodiscard]] Recovered recover();

    // Stores a new message; its id must be new. `body` must be set.
    [[nodiscard]] asio::awaitable<std::error_code> submit(Message message, Queue queue = Queue::deliver);
    // Stores the envelope as it is now, and moves the message to `queue`. With still_delivered it stays where it is if
    // somebody held or moved it away from the delivered queues meanwhile, and keeps its hold reason.
    enum class MoveIf : std::uint8_t { always, still_delivered };
    [[nodiscard]] asio::awaitable<std::error_code> update(Envelope envelope, Queue queue,
                                                          MoveIf move_if = MoveIf::always);
    [[nodiscard]] asio::awaitable<std::error_code> remove(std::string id);
    [[nodiscard]] asio::awaitable<std::error_code> move(std::string id, Queue queue);
    // Moves to the queue hold and stores the reason.
    [[nodiscard]] asio::awaitable<std::error_code> hold(std::string id, std::string reason);

    // The same for threads without coroutines: `done` is called from the committer's thread and must not block.
    using Done = std::function<void(std::error_code)>;
    void submit(Message message, Queue queue, Done done);
    void update(Envelope envelope, Queue queue, MoveIf move_if, Done done);
    void remove(std::string id, Done done);
    void move(std::string id, Queue queue, Done done);
    void hold(std::string id, std::string reason, Done done);
    // Calls one of them and waits: wait([&](Spool::Done done) { spool.remove(id, done); }).
    [[nodiscard]] static std::error_code wait(const std::function<void(Done)>& start);

    // The queue that holds the message; nullopt: none.
    [[nodiscard]] std::optional<Queue> queue_of(const std::string& id) const;
    [[nodiscard]] std::size_t size() const;
    // Blocking reads. A corrupt body is moved to corrupt/.
    [[nodiscard]] SpoolFiles::EnvelopeResult envelope(const std::string& id) const;
    [[nodiscard]] SpoolFiles::BodyResult body(const std::string& id);
    [[nodiscard]] const SpoolFiles& files() const { return files_; }

  private:
    explicit Spool(const std::filesystem::path& directory, int lock);

    [[nodiscard]] asio::awaitable<std::error_code> awaited(std::function<void(Done)> start);
    // `place` is where the message is after the change; nullopt: gone.
    using Prepare = std::function<std::error_code(FileChanges& changes, std::optional<Queue>& place)>;
    void change(std::string id, Prepare prepare, Done done);
    [[nodiscard]] bool add_source(const std::string& id, FileChanges& changes, Queue target) const;
    void add_state(const Envelope& envelope, FileChanges& changes) const;
    void set_aside(Queue queue, const std::string& name);
    void remove_orphans(const Recovered& recovered);

    SpoolFiles files_;
    int lock_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Queue> index_;
    std::unique_ptr<GroupCommit> committer_;  // last: stops before the rest goes
};

struct Spool::Opened {
    std::unique_ptr<Spool> spool;  // null exactly if failed is set
    std::error_code failed;
    std::string path;  // of what failed
};

struct Spool::Recovered {
    struct Entry {
        Envelope envelope;
        Queue queue = Queue::deliver;
    };
    struct Corrupt {
        std::filesystem::path path;  // where it was
        std::string reason;
    };
    std::vector<Entry> messages;      // in no order, of all queues but corrupt
    std::vector<Corrupt> corrupt;     // moved to corrupt/ now
    std::vector<Corrupt> unreadable;  // error of the disk: left in place, not in `messages`
};

}  // namespace sluice::queue
