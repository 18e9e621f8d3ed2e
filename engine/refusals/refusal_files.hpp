// The files of the trace: DIRECTORY/current.jsonl, and previous.jsonl, which it becomes when it is full; never more
// than these two. Lines: record.hpp. Nothing is synced to the disk: after a power failure the last seconds may be
// missing. A line that a crash has torn is skipped by the reader; the writer begins a new line behind it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <vector>

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
    [[nodiscard]] std::error_code rotate() const;

    std::filesystem::path directory_;
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
