#include "engine/io/durable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "engine/io/descriptor.hpp"

namespace sluice::io {

namespace {

std::error_code error_of(int number) { return {number, std::system_category()}; }

int write_whole(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

// Under a hook a part is written in two halves, so that a test can stop in the middle of a file.
int write_part(int descriptor, std::string_view bytes, const std::filesystem::path& path) {
    if (!faults_injected()) return write_whole(descriptor, bytes);
    for (const std::string_view half : {bytes.substr(0, bytes.size() / 2), bytes.substr(bytes.size() / 2)}) {
        if (const int failed = injected_fault(FileStep::write, path)) return failed;
        if (const int failed = write_whole(descriptor, half)) return failed;
    }
    return 0;
}

int fill(int descriptor, std::span<const std::string_view> parts, const std::filesystem::path& path, Sync sync) {
    for (const std::string_view part : parts) {
        if (const int failed = write_part(descriptor, part, path)) return failed;
    }
    if (sync == Sync::later) return 0;
    if (const int failed = injected_fault(FileStep::sync, path)) return failed;
    // A new file's size is metadata that fdatasync writes too; times are what it leaves out.
    return ::fdatasync(descriptor) == 0 ? 0 : errno;
}

}  // namespace

std::error_code create_file(const std::filesystem::path& path, std::span<const std::string_view> parts, mode_t mode,
                            Sync sync) {
    if (const int failed = injected_fault(FileStep::create, path)) return error_of(failed);
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!file.open()) return error_of(errno);
    int failed = fill(file.number(), parts, path, sync);
    const int closed = file.close();
    if (failed == 0) failed = closed;
    if (failed == 0) return {};
    ::unlink(path.c_str());
    return error_of(failed);
}

FileSystem::~FileSystem() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::error_code FileSystem::open(const std::filesystem::path& directory) {
    if (descriptor_ >= 0) ::close(descriptor_);
    directory_ = directory;
    descriptor_ = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return descriptor_ >= 0 ? std::error_code() : error_of(errno);
}

std::error_code FileSystem::sync() {
    if (const int failed = injected_fault(FileStep::sync, directory_)) return error_of(failed);
    return ::syncfs(descriptor_) == 0 ? std::error_code() : error_of(errno);
}

std::error_code move_file(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (const int failed = injected_fault(FileStep::rename, to)) return error_of(failed);
    if (::rename(from.c_str(), to.c_str()) != 0) return error_of(errno);
    return {};
}

std::error_code sync_directory(const std::filesystem::path& directory) {
    if (const int failed = injected_fault(FileStep::sync_directory, directory)) return error_of(failed);
    const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.open() || ::fsync(opened.number()) != 0) return error_of(errno);
    return {};
}

std::error_code remove_file(const std::filesystem::path& path) {
    if (const int failed = injected_fault(FileStep::remove, path)) return error_of(failed);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return error_of(errno);
    return {};
}

std::error_code replace_file(const std::filesystem::path& path, const std::filesystem::path& temporary,
                             std::span<const std::string_view> parts, mode_t mode) {
    ::unlink(temporary.c_str());
    if (const std::error_code failed = create_file(temporary, parts, mode)) return failed;
    if (const std::error_code failed = move_file(temporary, path)) {
        ::unlink(temporary.c_str());
        return failed;
    }
    return sync_directory(path.has_parent_path() ? path.parent_path() : ".");
}

std::error_code make_directories(const std::filesystem::path& directory, mode_t mode) {
    std::vector<std::filesystem::path> missing;
    for (std::filesystem::path each = directory; !each.empty(); each = each.parent_path()) {
        struct stat found {};
        if (::stat(each.c_str(), &found) == 0) {
            if (!S_ISDIR(found.st_mode)) return error_of(ENOTDIR);
            break;
        }
        if (errno != ENOENT) return error_of(errno);
        if (each.has_filename()) missing.push_back(each);
    }
    std::reverse(missing.begin(), missing.end());
    for (const std::filesystem::path& each : missing) {
        if (const int failed = injected_fault(FileStep::create, each)) return error_of(failed);
        if (::mkdir(each.c_str(), mode) != 0 && errno != EEXIST) return error_of(errno);
        const std::filesystem::path parent = each.has_parent_path() ? each.parent_path() : ".";
        if (const std::error_code failed = sync_directory(parent)) return failed;
    }
    return {};
}

}  // namespace sluice::io
