// The log of the spool, format version 2: what SegmentWriter writes, and what the start of a server and `sluice queue`
// read.
//
// <root>/log/<number>.seg    segments, numbered from 1 on (16 hex digits); only the last one is written
// <root>/log/<number>.spare  segments whose messages are all gone: the next segment is made of one, because overwriting
//                            blocks that a file already has is what a disk makes durable fastest. Nobody reads them.
// <root>/large/<id>-<checksum>.eml  bodies above kLargeBody, each written and synced before the record that names it
// <root>/corrupt/            what could not be read: pieces of the log, and bodies, each with a .reason beside it
// <root>/lock                held (flock) by the server that uses the spool
//
// A segment is a head and records, one behind the other, up to its end: the last record that carries the segment's key.
// Whatever stands behind that is zeros, or left from the file's earlier life. All numbers are lower-case hex digits
// of fixed width; checksums are CRC-32C (Castagnoli).
//     sluice-spool 2 <key:16> <end of the segment before:8> <checksum of all before it:8>\n
//     @sluice <type> <key:16> <durable:8> <envelope bytes:8> <body bytes:8> <body checksum:8> <checksum:8>\n
//         <envelope><body>\n
// key       a random number of the segment's own; records of an earlier life have another
// durable   up to which offset this segment was on stable storage when the record was written. An unreadable place
//           before the largest of these is damage; one behind it was cut short by a crash, and nobody was told about it
// end       where the segment before ends, ffffffff if it was not known: what stands behind was never acknowledged
// checksum  of the record's head up to here and the envelope
// Types:
//     M  a message. Envelope (envelope_format.hpp) and body
//     L  the same with the body in large/; body bytes are 0, the checksum is that of the file
//     S  the envelope of a message after a change; takes the place of the one before
//     D  the message is gone; the envelope is its id
// A later record of one id wins. Segments are given back oldest first, after what still lives in them was written again
// at the end of the log, so a D is never gone before the records that it ends.
// A reader refuses a version that it does not know.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::queue {

enum class RecordType : char { message = 'M', large = 'L', state = 'S', done = 'D' };

struct SegmentHead {
    std::uint64_t key = 0;
    std::uint32_t end_before = 0;
};
inline constexpr std::uint32_t kUnknownEnd = 0xffffffff;

struct RecordHead {
    RecordType type = RecordType::done;
    std::uint64_t key = 0;
    std::uint32_t durable = 0;
    std::uint32_t envelope_bytes = 0;
    std::uint32_t body_bytes = 0;
    std::uint32_t body_checksum = 0;
    std::uint32_t checksum = 0;

    // Of the whole record.
    [[nodiscard]] std::size_t bytes() const noexcept;
};

inline constexpr std::string_view kSegmentMagic = "sluice-spool 2 ";
inline constexpr std::string_view kRecordMagic = "@sluice ";
inline constexpr std::size_t kSegmentHeadBytes = 15 + 17 + 9 + 9;
inline constexpr std::size_t kRecordHeadBytes = 8 + 2 + 17 + 5 * 9;
inline constexpr std::size_t kLargeBody = 1 << 20;         // a commit of many small messages must not wait for this one
inline constexpr std::size_t kSegmentBytes = 32 << 20;     // a segment that has this size is ended
inline constexpr std::size_t kLargestEnvelope = 16 << 20;  // 1000 recipients of the longest kind with their errors

// CRC-32C, to be continued with `so_far`.
[[nodiscard]] std::uint32_t checksum(std::string_view bytes, std::uint32_t so_far = 0) noexcept;

using SegmentHeadText = std::array<char, kSegmentHeadBytes>;
[[nodiscard]] SegmentHeadText print(const SegmentHead& head) noexcept;
// nullopt: no head of this version.
[[nodiscard]] std::optional<SegmentHead> parse_segment_head(std::string_view start) noexcept;

using RecordHeadText = std::array<char, kRecordHeadBytes>;
// Computes head.checksum.
[[nodiscard]] RecordHeadText print(RecordHead& head, std::string_view envelope) noexcept;
// Of the record that begins with `start`; nullopt: not the head of a record. Says nothing about the checksum.
[[nodiscard]] std::optional<RecordHead> parse_record_head(std::string_view start) noexcept;
// `text` is the printed head.
[[nodiscard]] bool envelope_intact(const RecordHead& head, std::string_view text, std::string_view envelope) noexcept;

}  // namespace sluice::queue
