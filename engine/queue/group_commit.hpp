// One thread that makes changes of the spool durable, many at a time: all that waits is taken as one batch, whose new
// files are written and synced, put in place, and whose directories are synced once each; then all waiters are told.
// Knows files only; engine/queue/spool.cpp says which.
// Guarantees: done() is called exactly once per change, from the committer's thread, after the change is on stable
// storage or has failed; changes of one id happen in the order in which they were given; a failed change does not
// disturb others.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "engine/io/durable_file.hpp"

namespace sluice::queue {

// What one change does to the file system, in this order.
struct FileChanges {
    struct NewFile {
        std::filesystem::path temporary;
        std::filesystem::path target;
        std::string head;
        std::shared_ptr<const std::string> body;  // may be null
    };
    std::vector<NewFile> files;
    std::vector<std::pair<std::filesystem::path, std::filesystem::path>> moves;
    std::vector<std::filesystem::path> removals;
    // The targets did not exist before: after a failure they are removed, so that nothing half stays.
    bool undo_by_removal = false;
};

struct Change {
    std::string id;
    // Called on the committer's thread, before anything is written.
    std::function<std::error_code(FileChanges&)> prepare;
    std::function<void(std::error_code)> done;
};

class GroupCommit {
  public:
    // `directory` is any directory of the file system that holds all files.
    explicit GroupCommit(const std::filesystem::path& directory);
    // Commits what waits, then stops.
    ~GroupCommit();
    GroupCommit(const GroupCommit&) = delete;
    GroupCommit& operator=(const GroupCommit&) = delete;

    // Thread-safe; does not block on the disk.
    void add(Change change);

    static constexpr std::size_t kLargestBatch = 512;  // bounds the wait of the first
    // From this number of new files on, one sync of the file system is cheaper than one for each. Durable 4 KiB
    // messages per second on ext4, 2 busy cores: 1 waiter 1 300, 16 waiters 4 400, 64 waiters 7 700, 256 waiters 9 300.
    static constexpr std::size_t kFilesForOneSync = 8;

  private:
    struct Pending;

    void run();
    [[nodiscard]] std::vector<Pending> take_batch();
    void commit(std::vector<Pending>& batch);
    void write_files(std::vector<Pending>& batch);
    void put_in_place(std::vector<Pending>& batch);
    void sync_directories(std::vector<Pending>& batch);

    io::FileSystem file_system_;
    std::error_code file_system_failed_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Change> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace sluice::queue
