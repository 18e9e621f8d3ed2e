// The files of the trace: DIRECTORY/current.jsonl, and previous.jsonl, which it becomes when it is full; never more
// than these two. Lines: record.hpp. Nothing is synced to the disk: after a power failure the last seconds may be
// missing. A line that a crash has torn is skipped by the reader; the writer begins a new line behind it. The writer
// keeps current.jsonl open: if somebody else renames or removes it, it notices within limits::refusals_check.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "engine/io/descriptor.hpp"
#include "engine/refusals/record.hpp"

namespace sluice::refusals {

// Where a spool has them.
[[nodiscard]] std::filesystem::path directory_in(const std::filesystem::path& spool);

// Writes; one thread of one process at a time.
class RefusalWriter {
  public:
    explicit RefusalWriter(std::filesystem::path directory) : directory_(std::move(directory)) {}

    struct Written {
        std::size_t lines = 0;       // of those given, from the first on
        std::error_code failed;      // why the others were not written
        std::filesystem::path path;  // of what failed
    };
    // Appends lines with their ends; makes the directory if it is missing. No file becomes longer than `size_max`
    // octets, except by a line that is longer by itself.
    [[nodiscard]] Written append(std::span<const std::string> lines, std::uint64_t size_max);

  private:
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] std::filesystem::path current() const;
    [[nodiscard]] Written make_ready();
    [[nodiscard]] bool has_its_name() const;
    [[nodiscard]] std::error_code write(std::span<const std::string> lines, std::size_t& whole);
    [[nodiscard]] std::error_code rotate();

    std::filesystem::path directory_;
    std::unique_ptr<io::Descriptor> file_;  // null: to be opened
    std::uint64_t size_ = 0;                // of it
    bool torn_ = false;                     // its last line has no end
    Clock::time_point next_check_;
    std::string batch_;
};

struct Contents {
    std::vector<Record> records;  // the oldest first
    std::size_t damaged = 0;      // lines that could not be read
    std::size_t later = 0;        // lines of a later version of the format
    std::error_code failed;       // no_such_file_or_directory: nothing was ever refused here
    std::filesystem::path path;   // of what failed
};
// Also while the server writes; a line it has not finished is no damage.
[[nodiscard]] Contents read(const std::filesystem::path& directory);

}  // namespace sluice::refusals
