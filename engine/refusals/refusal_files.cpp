#include "engine/refusals/refusal_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <optional>

#include "engine/io/descriptor.hpp"
#include "engine/io/durable_file.hpp"

namespace sluice::refusals {

namespace fs = std::filesystem;

namespace {

fs::path current_in(const fs::path& directory) { return directory / "current.jsonl"; }
fs::path previous_in(const fs::path& directory) { return directory / "previous.jsonl"; }

std::error_code last_error() { return {errno, std::system_category()}; }

// All or nothing: what was written of a line when the disk is full is taken back, if that works.
std::error_code write_line(int file, std::string_view line, off_t end) {
    while (!line.empty()) {
        const ssize_t written = ::write(file, line.data(), line.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            const auto failed = last_error();
            (void)!::ftruncate(file, end);
            return failed;
        }
        line.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

bool ends_in_a_torn_line(int file, off_t size) {
    char last = '\n';
    return size > 0 && ::pread(file, &last, 1, size - 1) == 1 && last != '\n';
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

std::error_code RefusalWriter::rotate() const { return io::move_file(current_in(directory_), previous_in(directory_)); }

RefusalWriter::Written RefusalWriter::append(std::span<const std::string> lines, std::uint64_t size_max) {
    const auto path = current_in(directory_);
    Written done;
    if (const auto failed = io::make_directories(directory_)) return {0, failed, directory_};
    while (done.lines < lines.size()) {
        const io::Descriptor file(
            ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, io::kPrivateFile));
        struct stat facts {};
        if (!file.open() || ::fstat(file.number(), &facts) != 0) return {done.lines, last_error(), path};
        if (!S_ISREG(facts.st_mode)) return {done.lines, std::make_error_code(std::errc::invalid_argument), path};
        auto size = facts.st_size;
        bool torn = ends_in_a_torn_line(file.number(), size);
        bool full = false;
        for (; done.lines < lines.size(); ++done.lines) {
            const auto line = torn ? "\n" + lines[done.lines] : lines[done.lines];
            full = size > 0 && static_cast<std::uint64_t>(size) + line.size() > size_max;
            if (full) break;
            if (const auto failed = write_line(file.number(), line, size)) return {done.lines, failed, path};
            size += static_cast<off_t>(line.size());
            torn = false;
        }
        if (!full) break;
        if (const auto failed = rotate()) return {done.lines, failed, previous_in(directory_)};
    }
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
