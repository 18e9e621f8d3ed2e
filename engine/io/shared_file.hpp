// A file that other programs write to as well (an mbox): opened without being led elsewhere, locked in every way those
// programs may know, appended to, and given back as it was if that fails. Goes through the same fault hook as
// durable_file.hpp. Functions block.
//
// The locks, in this order: FILE.lock (made with O_EXCL; left out where the directory cannot be written to), fcntl
// (F_OFD_SETLK: excludes the POSIX locks of other programs, and other threads of this one too), flock.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "engine/base/limits.hpp"
#include "engine/io/growing_file.hpp"

namespace sluice::io {

struct LockPatience {
    std::chrono::milliseconds wait = limits::mbox_lock_wait;  // for all locks together
    std::chrono::milliseconds pause{20};                      // between two tries
    std::chrono::seconds stale = limits::mbox_lock_stale;     // an older FILE.lock was left by a crash
};

struct FileTrouble {
    std::error_code error;
    std::string text;  // what is wrong with the file, as a part of a sentence
};

inline constexpr std::string_view kDotLockSuffix = ".lock";

// FILE.lock: gone with the object, unless somebody has taken it over meanwhile.
class DotLock {
  public:
    using Clock = std::chrono::steady_clock;

    DotLock() = default;
    ~DotLock() { release(); }
    DotLock(const DotLock&) = delete;
    DotLock& operator=(const DotLock&) = delete;

    [[nodiscard]] std::optional<FileTrouble> take(const std::filesystem::path& file, const LockPatience& patience,
                                                  Clock::time_point deadline);
    void release() noexcept;
    [[nodiscard]] bool held() const noexcept { return !path_.empty(); }

  private:
    std::filesystem::path path_;  // of the lock; empty: not held
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

class SharedFile {
  public:
    // Opens and locks a regular file with one name; makes it if there is none.
    [[nodiscard]] std::optional<FileTrouble> open(const std::filesystem::path& path, const LockPatience& patience = {},
                                                  mode_t mode = kPrivateFile);

    // As it is since all locks are held.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    [[nodiscard]] const std::string& last_octets() const noexcept { return last_octets_; }  // two, fewer if it is short

    // Appends all parts, durably, the name of a new file too. After an error the file is as long as it was before,
    // unless `taken_back` is false. Call once.
    struct Appended {
        std::error_code failed;
        bool taken_back = true;
    };
    [[nodiscard]] Appended append(std::span<const std::string_view> parts);

  private:
    enum class Found : std::uint8_t { yes, replaced };

    [[nodiscard]] std::optional<FileTrouble> open_once(const std::filesystem::path& path, mode_t mode);
    [[nodiscard]] std::optional<FileTrouble> lock(DotLock::Clock::time_point deadline, const LockPatience& patience);
    [[nodiscard]] std::optional<FileTrouble> look(const std::filesystem::path& path, Found& found);
    [[nodiscard]] std::error_code write(std::span<const std::string_view> parts);

    DotLock dot_lock_;
    GrowingFile file_;
    std::uint64_t size_ = 0;
    std::string last_octets_;
};

}  // namespace sluice::io
