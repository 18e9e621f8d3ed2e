// The end of the spool's log: writes records into the last segment, begins the next one when it is full or can no
// longer be trusted, and keeps segments that nobody needs for further use. Knows bytes and places, not messages.
// One thread (that of committer.hpp). Format: record_format.hpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "engine/io/growing_file.hpp"
#include "engine/queue/record.hpp"

namespace sluice::queue {

class SegmentWriter {
  public:
    // `last` is the highest number in use, 0 if there is none; its end becomes known with the first segment written.
    struct Start {
        std::uint64_t last = 0;
        std::uint32_t end_of_last = 0;
        std::vector<std::filesystem::path> spares;
    };
    SegmentWriter(std::filesystem::path directory, Start start);

    // Writes the records behind what is there and sets their places. After an error none of them counts: the segment is
    // cut back, or ended where it was durable, and the caller must append what was not again.
    [[nodiscard]] std::error_code append(std::span<NewRecord* const> records);
    // Makes durable all that was appended. After an error the segment is ended where the last sync that succeeded left
    // it, and the caller must append what was not durable again.
    [[nodiscard]] std::error_code sync();
    [[nodiscard]] bool synced() const noexcept { return durable_ == end_; }

    // Ends the log for now; cuts off what stands behind it.
    void close();

    // Puts a segment aside whose records are all dead. It is never the current one.
    [[nodiscard]] std::error_code give_back(std::uint64_t number);

    [[nodiscard]] std::uint64_t current() const noexcept { return number_; }
    [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }

    // Enough for the log of a busy server to go round; more would only be disk that is not free.
    static constexpr std::size_t kSpares = 4;
    // A file that does not grow is made durable in half the time; so it grows by many commits at once.
    static constexpr std::uint64_t kLeastGrowth = 256 << 10;
    static constexpr std::uint64_t kMostGrowth = 1 << 20;
    static constexpr std::uint64_t kCommitsAhead = 8;

  private:
    [[nodiscard]] std::error_code begin_segment();
    [[nodiscard]] std::error_code open_file(std::string_view head, const std::filesystem::path& target);
    void end_segment();
    void give_up_segment();
    [[nodiscard]] std::uint64_t lay_out(std::span<NewRecord* const> records);
    [[nodiscard]] std::error_code write_up_to(std::uint64_t end);
    [[nodiscard]] std::uint64_t add_zeros(std::uint64_t at);
    [[nodiscard]] std::error_code cut();

    std::filesystem::path directory_;
    std::vector<std::filesystem::path> spares_;
    io::GrowingFile file_;
    std::uint64_t size_ = 0;  // of the file: what stands behind end_ is zeros, or from its earlier life
    std::uint64_t number_;
    std::uint64_t key_ = 0;
    std::uint32_t end_before_;  // of the segment before the current one, or before the next if none is open
    std::uint32_t end_ = 0;
    std::uint32_t durable_ = 0;
    // Of the commit being written; kept for their memory.
    std::vector<RecordHeadText> heads_;
    std::vector<std::string_view> parts_;
};

}  // namespace sluice::queue
