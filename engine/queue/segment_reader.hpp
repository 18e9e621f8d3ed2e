// Reading the spool's log: whole segments at recovery, single records afterwards. Changes nothing, so it serves the
// running server and `sluice queue` with the server stopped. Format: record_format.hpp. Thread-safe; blocks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "engine/queue/record.hpp"

namespace sluice::queue {

// One segment in memory.
class SegmentImage {
  public:
    // `failed` is an error of the file system. A damaged head is no error: records tell the segment's key, too.
    struct Read;
    [[nodiscard]] static Read read(const std::filesystem::path& log, std::uint64_t number);

    struct Record {
        RecordHead head;
        Place place;
        std::string_view envelope;  // into the image
        std::string_view body;
        bool body_intact = true;
    };
    // Octets that nobody can read although they were on stable storage.
    struct Damage {
        std::uint32_t offset = 0;
        std::string_view octets;
    };
    struct Contents {
        std::vector<Record> records;  // in their order
        std::vector<Damage> damage;
        std::uint32_t end = 0;  // behind the last record that counts
    };
    // `end` as the next segment has it; kUnknownEnd for the last one: there, what a crash cut short is left out.
    [[nodiscard]] Contents contents(std::uint32_t end) const;

    [[nodiscard]] const SegmentHead& head() const noexcept { return head_; }

  private:
    [[nodiscard]] std::optional<Record> record_at(std::size_t offset) const;
    void guess_head();
    [[nodiscard]] std::optional<Record> first_record(std::size_t from) const;

    std::uint64_t number_ = 0;
    SegmentHead head_;
    bool head_damaged_ = false;
    std::string bytes_;
};

struct SegmentImage::Read {
    std::optional<SegmentImage> image;
    std::error_code failed;
};

// One record, checked. Either the parts, or why not.
struct ReadRecord {
    RecordHead head;
    std::string envelope;
    std::string body;
    std::error_code failed;
    std::string corrupt;

    [[nodiscard]] bool good() const noexcept { return !failed && corrupt.empty(); }
};
enum class RecordPart : std::uint8_t { envelope, all };
[[nodiscard]] ReadRecord read_record(const std::filesystem::path& log, const Place& place, RecordPart part);

struct ReadFile {
    std::string bytes;
    std::error_code failed;
};
[[nodiscard]] ReadFile read_whole(const std::filesystem::path& path);

// The numbers of the segments in the directory, in order; nullopt if it cannot be read.
[[nodiscard]] std::optional<std::vector<std::uint64_t>> segment_numbers(const std::filesystem::path& log);

}  // namespace sluice::queue
