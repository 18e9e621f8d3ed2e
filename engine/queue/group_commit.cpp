#include "engine/queue/group_commit.hpp"

#include <array>
#include <map>
#include <unordered_set>

namespace sluice::queue {

struct GroupCommit::Pending {
    Change change;
    FileChanges files;
    std::error_code failed;

    // Whatever happens afterwards, the waiter gets an error.
    void fail(std::error_code why) {
        if (failed) return;
        failed = why;
        for (const auto& file : files.files) {
            (void)io::remove_file(file.temporary);
            if (files.undo_by_removal) (void)io::remove_file(file.target);
        }
    }

    void put_in_place() {
        for (const auto& file : files.files) {
            if (const auto error = io::move_file(file.temporary, file.target)) return fail(error);
        }
        for (const auto& [from, to] : files.moves) {
            if (const auto error = io::move_file(from, to)) return fail(error);
        }
        for (const auto& path : files.removals) {
            if (const auto error = io::remove_file(path)) return fail(error);
        }
    }

    template <typename Function>
    void each_directory(Function function) const {
        for (const auto& file : files.files) function(file.target.parent_path());
        for (const auto& [from, to] : files.moves) {
            function(to.parent_path());
            function(from.parent_path());
        }
        for (const auto& path : files.removals) function(path.parent_path());
    }
};

GroupCommit::GroupCommit(const std::filesystem::path& directory) : file_system_failed_(file_system_.open(directory)) {
    thread_ = std::thread([this] { run(); });
}

GroupCommit::~GroupCommit() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void GroupCommit::add(Change change) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(change));
    }
    wake_.notify_one();
}

void GroupCommit::run() {
    while (true) {
        std::vector<Pending> batch = take_batch();
        if (batch.empty()) return;
        commit(batch);
    }
}

// Empty: stop. A batch ends before a second change of one id, which must see the first one's files.
std::vector<GroupCommit::Pending> GroupCommit::take_batch() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    std::vector<Pending> batch;
    std::unordered_set<std::string> ids;
    while (!waiting_.empty() && batch.size() < kLargestBatch && ids.insert(waiting_.front().id).second) {
        batch.push_back({std::move(waiting_.front()), {}, {}});
        waiting_.pop_front();
    }
    return batch;
}

void GroupCommit::commit(std::vector<Pending>& batch) {
    for (Pending& each : batch) {
        if (const std::error_code failed = each.change.prepare(each.files)) {
            each.files = {};
            each.fail(failed);
        }
    }
    write_files(batch);
    put_in_place(batch);
    sync_directories(batch);
    for (Pending& each : batch) each.change.done(each.failed);
}

void GroupCommit::write_files(std::vector<Pending>& batch) {
    std::size_t count = 0;
    for (const Pending& each : batch) count += each.files.files.size();
    const bool together = count >= kFilesForOneSync && !file_system_failed_;
    for (Pending& each : batch) {
        for (const auto& file : each.files.files) {
            if (each.failed) break;
            const std::array<std::string_view, 2> parts = {file.head, file.body ? *file.body : std::string_view()};
            const auto error =
                io::create_file(file.temporary, parts, io::kPrivateFile, together ? io::Sync::later : io::Sync::now);
            if (error) each.fail(error);
        }
    }
    if (!together) return;
    if (const std::error_code failed = file_system_.sync()) {
        for (Pending& each : batch) {
            if (!each.files.files.empty()) each.fail(failed);
        }
    }
}

void GroupCommit::put_in_place(std::vector<Pending>& batch) {
    for (Pending& each : batch) {
        if (!each.failed) each.put_in_place();
    }
}

void GroupCommit::sync_directories(std::vector<Pending>& batch) {
    std::map<std::filesystem::path, std::error_code> directories;
    for (const Pending& each : batch) {
        if (!each.failed) each.each_directory([&](const auto& directory) { directories.try_emplace(directory); });
    }
    for (auto& [directory, result] : directories) result = io::sync_directory(directory);
    for (Pending& each : batch) {
        std::error_code failed;
        if (!each.failed) {
            each.each_directory([&](const auto& directory) {
                if (directories[directory]) failed = directories[directory];
            });
        }
        if (failed) each.fail(failed);
    }
}

}  // namespace sluice::queue
