// Files that survive a crash. This is the only place that calls fsync: spool, maildir and certificate files go through
// it, so one fault-injection hook reaches every step that can fail or be cut short.
// The recipe: create_file (create, write, fdatasync) -> move_file (rename) -> sync_directory. What is acknowledged
// after the last step is on stable storage, file and name; before the rename nobody sees the file.
// Functions are thread-safe and block: never call them on a thread of sessions.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>

#include "engine/io/fault_injection.hpp"

namespace sluice::io {

// The default mode of what others must not read.
constexpr mode_t kPrivateFile = 0600;

enum class Sync : std::uint8_t { now, later };  // later: before the rename, FileSystem::sync() must succeed

// Creates `path`, which must not exist, writes the parts one after the other and syncs the data. After an error the
// file is gone again.
[[nodiscard]] std::error_code create_file(const std::filesystem::path& path, std::span<const std::string_view> parts,
                                          mode_t mode = kPrivateFile, Sync sync = Sync::now);

// Syncs all of a file system: for many new files one commit of the journal instead of one each. The kernel tells an
// error of writing back only to descriptors that were open when it happened, so this object must exist before the
// files.
class FileSystem {
  public:
    FileSystem() = default;
    ~FileSystem();
    FileSystem(const FileSystem&) = delete;
    FileSystem& operator=(const FileSystem&) = delete;

    [[nodiscard]] std::error_code open(const std::filesystem::path& directory);
    // An error concerns all files written since the last call.
    [[nodiscard]] std::error_code sync();

  private:
    std::filesystem::path directory_;
    int descriptor_ = -1;
};

// Renames; a file of that name is replaced. Not durable before sync_directory() of both directories.
[[nodiscard]] std::error_code move_file(const std::filesystem::path& from, const std::filesystem::path& to);

[[nodiscard]] std::error_code sync_directory(const std::filesystem::path& directory);

// Removes; a missing file is no error. Not durable before sync_directory().
[[nodiscard]] std::error_code remove_file(const std::filesystem::path& path);

// The whole recipe in one directory: afterwards `path` has the new contents, durably. After an error it has the old
// ones, or (if only the directory's sync failed) the new ones, of which a crash may bring the old ones back.
// `temporary` must be in the same file system; it is replaced if a crash left one.
[[nodiscard]] std::error_code replace_file(const std::filesystem::path& path, const std::filesystem::path& temporary,
                                           std::span<const std::string_view> parts, mode_t mode = kPrivateFile);

// Creates a directory and its missing parents durably; an existing one is fine.
[[nodiscard]] std::error_code make_directories(const std::filesystem::path& directory, mode_t mode = 0700);

}  // namespace sluice::io
