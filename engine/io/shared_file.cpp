#include "engine/io/shared_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <thread>

namespace sluice::io {

namespace {

using Clock = DotLock::Clock;

FileTrouble trouble(int error) {
    const std::error_code code(error, std::system_category());
    return {code, code.message()};
}

FileTrouble trouble(int error, std::string text) { return {{error, std::system_category()}, std::move(text)}; }

std::optional<FileTrouble> no_mailbox(const struct stat& facts) {
    if (S_ISLNK(facts.st_mode)) return trouble(ELOOP, "it is a symbolic link");
    if (!S_ISREG(facts.st_mode)) return trouble(EINVAL, "it is no regular file");
    return std::nullopt;
}

// A file that grows past the limit for files (RLIMIT_FSIZE) must give an error, not end the process.
class NoSizeSignal {
  public:
    NoSizeSignal() {
        sigemptyset(&set_);
        sigaddset(&set_, SIGXFSZ);
        pthread_sigmask(SIG_BLOCK, &set_, &before_);
    }
    ~NoSizeSignal() {
        const timespec at_once{};
        if (sigismember(&before_, SIGXFSZ) == 0) (void)sigtimedwait(&set_, nullptr, &at_once);
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    NoSizeSignal(const NoSizeSignal&) = delete;
    NoSizeSignal& operator=(const NoSizeSignal&) = delete;

  private:
    sigset_t set_{};
    sigset_t before_{};
};

// Tries until it gives 0 or an error other than "somebody else has it"; that one at the deadline.
template <class Try>
int try_until(Clock::time_point deadline, std::chrono::milliseconds pause, const Try& once) {
    for (;;) {
        const int failed = once();
        if (failed != EAGAIN && failed != EACCES) return failed;
        if (Clock::now() >= deadline) return EAGAIN;
        std::this_thread::sleep_for(pause);
    }
}

// As open(2).
int make_exclusively(const std::filesystem::path& path) {
    errno = injected_fault(FileStep::create, path);
    return errno ? -1 : ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kPrivateFile);
}

int lock_ranges(int descriptor) {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    return ::fcntl(descriptor, F_OFD_SETLK, &whole) == 0 ? 0 : errno;
}

int lock_whole(int descriptor) {
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno == EOPNOTSUPP) return 0;
    return errno;
}

}  // namespace

std::optional<FileTrouble> DotLock::take(const std::filesystem::path& file, const LockPatience& patience,
                                         Clock::time_point deadline) {
    std::filesystem::path lock = file;
    lock += kDotLockSuffix;
    for (;;) {
        const Descriptor made(make_exclusively(lock));
        struct stat facts {};
        if (made.open() && ::fstat(made.number(), &facts) == 0) {
            path_ = lock;
            device_ = facts.st_dev;
            inode_ = facts.st_ino;
            return std::nullopt;
        }
        if (errno == EACCES || errno == EPERM || errno == EROFS) return std::nullopt;
        if (errno != EEXIST) return trouble(errno);
        if (::lstat(lock.c_str(), &facts) != 0) continue;
        const auto age = std::chrono::seconds(std::time(nullptr) - facts.st_mtime);
        if (age > patience.stale) {
            if (const std::error_code failed = remove_file(lock))
                return FileTrouble{
                    failed, fmt::format("{} is stale and cannot be removed: {}", lock.string(), failed.message())};
        } else if (Clock::now() >= deadline) {
            return trouble(EAGAIN, fmt::format("it is locked: {} is {} s old", lock.string(), age.count()));
        } else {
            std::this_thread::sleep_for(patience.pause);
        }
    }
}

void DotLock::release() noexcept {
    if (!held()) return;
    struct stat facts {};
    const bool ours = ::lstat(path_.c_str(), &facts) == 0 && facts.st_dev == device_ && facts.st_ino == inode_;
    if (ours) ::unlink(path_.c_str());
    path_.clear();
}

std::optional<FileTrouble> SharedFile::open(const std::filesystem::path& path, const LockPatience& patience,
                                            mode_t mode) {
    const auto deadline = Clock::now() + patience.wait;
    if (auto failed = dot_lock_.take(path, patience, deadline)) return failed;
    for (;;) {
        if (auto failed = open_once(path, mode)) return failed;
        if (auto failed = lock(deadline, patience)) return failed;
        Found found = Found::yes;
        if (auto failed = look(path, found)) return failed;
        if (found == Found::yes) return std::nullopt;
        if (Clock::now() >= deadline) return trouble(EAGAIN, "other programs replace it all the time");
    }
}

std::optional<FileTrouble> SharedFile::open_once(const std::filesystem::path& path, mode_t mode) {
    if (const int failed = injected_fault(FileStep::create, path)) return trouble(failed);
    struct stat facts {};
    int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    if (::lstat(path.c_str(), &facts) != 0) {
        if (errno != ENOENT) return trouble(errno);
        flags |= O_CREAT;
    } else if (auto wrong = no_mailbox(facts)) {
        return wrong;
    }
    Descriptor opened(::open(path.c_str(), flags, mode));
    if (!opened.open()) return errno == ELOOP ? trouble(ELOOP, "it is a symbolic link") : trouble(errno);
    file_.adopt(std::move(opened), path);
    return std::nullopt;
}

std::optional<FileTrouble> SharedFile::lock(Clock::time_point deadline, const LockPatience& patience) {
    for (const auto& way : {lock_ranges, lock_whole}) {
        if (const int failed = injected_fault(FileStep::lock, file_.path())) return trouble(failed);
        const int failed = try_until(deadline, patience.pause, [&] { return way(file_.descriptor()); });
        if (failed == EAGAIN) return trouble(EAGAIN, "another program has locked it");
        if (failed != 0) return trouble(failed, "it cannot be locked: " + trouble(failed).text);
    }
    return std::nullopt;
}

// What was opened may have been replaced until it was locked.
std::optional<FileTrouble> SharedFile::look(const std::filesystem::path& path, Found& found) {
    struct stat opened {};
    struct stat named {};
    if (::fstat(file_.descriptor(), &opened) != 0) return trouble(errno);
    if (auto wrong = no_mailbox(opened)) return wrong;
    const bool same =
        ::lstat(path.c_str(), &named) == 0 && named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
    found = same ? Found::yes : Found::replaced;
    if (!same) return std::nullopt;
    // In a directory that all may write to, a second name makes us write into somebody else's file.
    if (opened.st_nlink != 1) return trouble(EMLINK, fmt::format("it has {} names (hard links)", opened.st_nlink));
    size_ = static_cast<std::uint64_t>(opened.st_size);
    last_octets_.resize(static_cast<std::size_t>(size_ < 2 ? size_ : 2));
    const auto from = opened.st_size - static_cast<off_t>(last_octets_.size());
    const ssize_t got = ::pread(file_.descriptor(), last_octets_.data(), last_octets_.size(), from);
    if (got != static_cast<ssize_t>(last_octets_.size())) return trouble(got < 0 ? errno : EIO);
    return std::nullopt;
}

std::error_code SharedFile::write(std::span<const std::string_view> parts) {
    const NoSizeSignal guard;
    if (const auto failed = file_.write(size_, parts)) return failed;
    if (const auto failed = file_.sync()) return failed;
    // An empty file may be one whose name is not durable yet: made just now, or by an attempt that failed.
    if (size_ > 0) return {};
    return sync_directory(file_.path().has_parent_path() ? file_.path().parent_path() : ".");
}

SharedFile::Appended SharedFile::append(std::span<const std::string_view> parts) {
    const std::error_code failed = write(parts);
    if (!failed) return {};
    std::error_code kept = file_.truncate(size_);
    if (!kept) kept = file_.sync();
    return {failed, !kept};
}

}  // namespace sluice::io
