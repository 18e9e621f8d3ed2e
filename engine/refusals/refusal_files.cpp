#include "engine/refusals/refusal_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <optional>

#include "engine/base/limits.hpp"
#include "engine/io/durable_file.hpp"

namespace sluice::refusals {

namespace fs = std::filesystem;

namespace {

fs::path current_in(const fs::path& directory) { return directory / "current.jsonl"; }
fs::path previous_in(const fs::path& directory) { return directory / "previous.jsonl"; }

std::error_code last_error() { return {errno, std::system_category()}; }

// How much of it was written.
std::size_t write_text(int file, std::string_view text, std::error_code& failed) {
    std::size_t done = 0;
    while (done < text.size() && !failed) {
        const ssize_t written = ::write(file, text.data() + done, text.size() - done);
        if (written >= 0)
            done += static_cast<std::size_t>(written);
        else if (errno != EINTR)
            failed = last_error();
    }
    return done;
}

bool ends_in_a_torn_line(int file, std::uint64_t size) {
    char last = '\n';
    return size > 0 && ::pread(file, &last, 1, static_cast<off_t>(size - 1)) == 1 && last != '\n';
}

// The file as it is now; nullopt with errno in `failed`.
std::optional<std::string> whole(int file, std::error_code& failed) {
    std::string text;
    char block[64 * 1024];
    for (;;) {
        const ssize_t got = ::read(file, block, sizeof block);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            failed = last_error();
            return std::nullopt;
        }
        if (got == 0) return text;
        text.append(block, static_cast<std::size_t>(got));
    }
}

void add_lines(std::string_view text, bool is_current, Contents& contents) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        const bool unfinished = end == std::string_view::npos;
        const auto line = text.substr(0, end);
        text.remove_prefix(unfinished ? text.size() : end + 1);
        if (line.empty()) continue;
        auto parsed = parse(line);
        if (parsed.kind == Parsed::Kind::record)
            contents.records.push_back(std::move(parsed.record));
        else if (parsed.kind == Parsed::Kind::later_version)
            ++contents.later;
        else if (!unfinished || !is_current)
            ++contents.damaged;
    }
}

using File = std::unique_ptr<io::Descriptor>;

struct Pair {
    File previous;
    File current;
};

// Whether the name still stands for the open file.
bool same(const io::Descriptor& file, const fs::path& path) {
    struct stat open {};
    struct stat named {};
    const bool there = ::stat(path.c_str(), &named) == 0;
    if (!file.open()) return !there;
    return there && ::fstat(file.number(), &open) == 0 && open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

// Both as of one moment: the server may rotate between the two.
Pair open_both(const fs::path& directory, Contents& contents) {
    const auto open = [&](const fs::path& path) {
        auto file = std::make_unique<io::Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!file->open() && errno != ENOENT) {
            contents.failed = last_error();
            contents.path = path;
        }
        return file;
    };
    Pair pair;
    for (int tries = 0; tries < 10; ++tries) {
        pair = {open(previous_in(directory)), nullptr};
        pair.current = open(current_in(directory));
        if (contents.failed || same(*pair.previous, previous_in(directory))) break;
    }
    return pair;
}

}  // namespace

fs::path directory_in(const fs::path& spool) { return spool / "refusals"; }

fs::path RefusalWriter::current() const { return current_in(directory_); }

// Never through a link, never into anything but a plain file: the name is looked at anew each time it is opened.
RefusalWriter::Written RefusalWriter::make_ready() {
    if (const auto now = Clock::now(); now >= next_check_) {
        if (const auto failed = io::make_directories(directory_)) return {0, failed, directory_};
        if (file_ && !has_its_name()) file_.reset();
        next_check_ = now + limits::refusals_check;
    }
    const bool fresh = !file_;
    if (fresh)
        file_ = std::make_unique<io::Descriptor>(::open(
            current().c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, io::kPrivateFile));
    struct stat facts {};
    if (!file_->open() || ::fstat(file_->number(), &facts) != 0) return {0, last_error(), current()};
    if (!S_ISREG(facts.st_mode)) return {0, std::make_error_code(std::errc::invalid_argument), current()};
    const auto size = static_cast<std::uint64_t>(facts.st_size);
    if (fresh || size != size_) torn_ = ends_in_a_torn_line(file_->number(), size);
    size_ = size;
    return {};
}

bool RefusalWriter::has_its_name() const {
    struct stat open {};
    struct stat named {};
    return ::fstat(file_->number(), &open) == 0 && ::lstat(current().c_str(), &named) == 0 &&
           open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

// In one write. All or nothing of each line: what was written of one when the disk is full is taken back, if that
// works.
std::error_code RefusalWriter::write(std::span<const std::string> lines, std::size_t& whole) {
    batch_ = torn_ ? "\n" : "";
    for (const auto& line : lines) batch_ += line;
    std::error_code failed;
    const auto written = write_text(file_->number(), batch_, failed);
    std::uint64_t end = torn_ && written > 0 ? 1 : 0;
    for (whole = 0; whole < lines.size() && end + lines[whole].size() <= written; ++whole) end += lines[whole].size();
    if (failed && written != end) (void)!::ftruncate(file_->number(), static_cast<off_t>(size_ + end));
    if (written > 0) torn_ = false;
    size_ += end;
    return failed;
}

// What has got the name since the last look is not ours to move.
std::error_code RefusalWriter::rotate() {
    const bool ours = has_its_name();
    file_.reset();
    if (ours) return io::move_file(current(), previous_in(directory_));
    next_check_ = {};
    return {};
}

RefusalWriter::Written RefusalWriter::append(std::span<const std::string> lines, std::uint64_t size_max) {
    Written done;
    const auto give_up = [&](std::error_code failed, fs::path path) {
        file_.reset();
        next_check_ = {};
        return Written{done.lines, failed, std::move(path)};
    };
    while (done.lines < lines.size()) {
        if (auto ready = make_ready(); ready.failed) return give_up(ready.failed, std::move(ready.path));
        const auto left = lines.subspan(done.lines);
        std::uint64_t size = size_ + (torn_ ? 1 : 0);
        std::size_t fitting = 0;
        for (; fitting < left.size() && (size == 0 || size + left[fitting].size() <= size_max); ++fitting)
            size += left[fitting].size();
        std::size_t whole = 0;
        const auto failed = fitting > 0 ? write(left.first(fitting), whole) : std::error_code();
        done.lines += whole;
        if (failed) return give_up(failed, current());
        if (fitting == left.size()) break;
        if (const auto stays = rotate()) return give_up(stays, previous_in(directory_));
    }
    if (batch_.capacity() > 4 * limits::refusal_record) batch_ = {};
    return done;
}

Contents read(const fs::path& directory) {
    Contents contents;
    const auto files = open_both(directory, contents);
    if (contents.failed) return contents;
    if (!files.previous->open() && !files.current->open()) {
        contents.failed = std::make_error_code(std::errc::no_such_file_or_directory);
        contents.path = current_in(directory);
        return contents;
    }
    for (const auto* file : {files.previous.get(), files.current.get()}) {
        if (!file->open()) continue;
        const bool is_current = file == files.current.get();
        const auto text = whole(file->number(), contents.failed);
        if (!text) {
            contents.path = is_current ? current_in(directory) : previous_in(directory);
            return contents;
        }
        add_lines(*text, is_current, contents);
    }
    return contents;
}

}  // namespace sluice::refusals
