#include "engine/io/growing_file.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <vector>

namespace sluice::io {

namespace {

std::error_code error_of(int number) { return {number, std::system_category()}; }

// Takes `count` octets off the front of `pieces`.
std::span<iovec> behind(std::span<iovec> pieces, std::size_t count) {
    while (!pieces.empty() && count >= pieces.front().iov_len) {
        count -= pieces.front().iov_len;
        pieces = pieces.subspan(1);
    }
    if (!pieces.empty()) {
        pieces.front().iov_base = static_cast<char*>(pieces.front().iov_base) + count;
        pieces.front().iov_len -= count;
    }
    return pieces;
}

int write_all(int descriptor, std::uint64_t offset, std::span<iovec> pieces) {
    while (!pieces.empty()) {
        const auto count = static_cast<int>(std::min<std::size_t>(pieces.size(), IOV_MAX));
        const ssize_t written = ::pwritev(descriptor, pieces.data(), count, static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        offset += static_cast<std::uint64_t>(written);
        pieces = behind(pieces, static_cast<std::size_t>(written));
    }
    return 0;
}

std::vector<iovec> pieces_of(std::span<const std::string_view> parts) {
    std::vector<iovec> pieces;
    pieces.reserve(parts.size());
    for (const std::string_view part : parts)
        if (!part.empty()) pieces.push_back({const_cast<char*>(part.data()), part.size()});
    return pieces;
}

}  // namespace

bool is_full(std::error_code failed) noexcept {
    return failed == std::errc::no_space_on_device || failed == std::error_code(EDQUOT, std::system_category());
}

std::error_code GrowingFile::opened(int flags, const std::filesystem::path& path, mode_t mode) {
    if (const int failed = injected_fault(FileStep::create, path)) return error_of(failed);
    Descriptor file(::open(path.c_str(), flags | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!file.open()) return error_of(errno);
    file_ = std::move(file);
    path_ = path;
    return {};
}

std::error_code GrowingFile::create(const std::filesystem::path& path, mode_t mode) {
    return opened(O_CREAT | O_EXCL, path, mode);
}

std::error_code GrowingFile::open(const std::filesystem::path& path) { return opened(0, path, 0); }

std::error_code GrowingFile::write(std::uint64_t offset, std::span<const std::string_view> parts) {
    auto pieces = pieces_of(parts);
    if (!faults_injected()) {
        const int failed = write_all(file_.number(), offset, pieces);
        return failed ? error_of(failed) : std::error_code();
    }
    // In two halves: so that what fails or is killed in between leaves a part.
    std::string whole;
    for (const std::string_view part : parts) whole += part;
    const std::size_t half = whole.size() / 2;
    for (iovec piece : {iovec{whole.data(), half}, iovec{whole.data() + half, whole.size() - half}}) {
        if (const int failed = injected_fault(FileStep::write, path_)) return error_of(failed);
        if (const int failed = write_all(file_.number(), offset, {&piece, piece.iov_len == 0 ? 0u : 1u}))
            return error_of(failed);
        offset += half;
    }
    return {};
}

std::error_code GrowingFile::sync() {
    if (const int failed = injected_fault(FileStep::sync, path_)) return error_of(failed);
    // A size that grew is metadata that fdatasync writes too; times are what it leaves out.
    return ::fdatasync(file_.number()) == 0 ? std::error_code() : error_of(errno);
}

std::error_code GrowingFile::truncate(std::uint64_t size) {
    if (const int failed = injected_fault(FileStep::truncate, path_)) return error_of(failed);
    return ::ftruncate(file_.number(), static_cast<off_t>(size)) == 0 ? std::error_code() : error_of(errno);
}

}  // namespace sluice::io
