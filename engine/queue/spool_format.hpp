// The files of the spool, format version 1.
//
// <root>/<queue>/<id>.msg   a message; <queue> is one of queues.def
//     sluice-message 1 <envelope bytes> <body bytes> <crc32 of envelope> <crc32 of body>\n
//     <envelope: JSON object on one line>\n
//     <body: the raw bytes of the message>
// <root>/state/<id>.state   the envelope after the last change, if there was one; it replaces the one in the message
//     sluice-state 1 <envelope bytes> <crc32 of envelope>\n
//     <envelope>\n
// <root>/tmp/               files being written; emptied at start
// <root>/corrupt/           what could not be read, under its own name; never read again
// <root>/lock               held (flock) by the server that uses the spool
//
// Numbers are decimal, checksums eight lower-case hex digits of CRC-32 (ISO-HDLC). The envelope's keys are "version"
// (1), the members of Envelope, and per recipient those of Recipient; times are seconds since the epoch. Bytes that are
// not UTF-8 stand in strings as they are. A reader refuses a version that it does not know and ignores keys it does not
// know.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/queue/message.hpp"

namespace sluice::queue {

[[nodiscard]] std::string encode_envelope(const Envelope& envelope);

struct DecodedEnvelope {
    std::optional<Envelope> envelope;
    std::string reason;  // why not
};
[[nodiscard]] DecodedEnvelope decode_envelope(std::string_view json);

// All of a message file but the body, which follows directly.
[[nodiscard]] std::string encode_message_head(const Envelope& envelope, std::string_view body);
[[nodiscard]] std::string encode_state(const Envelope& envelope);

// The first line of a file, parsed.
struct FileHead {
    std::size_t line_bytes = 0;  // with its line end
    std::size_t envelope_bytes = 0;
    std::size_t body_bytes = 0;  // 0 in a state file
    std::uint32_t envelope_crc = 0;
    std::uint32_t body_crc = 0;

    // Where the body starts: behind the first line and the envelope with its line end.
    [[nodiscard]] std::size_t body_offset() const { return line_bytes + envelope_bytes + 1; }
};
// No valid first line is longer.
constexpr std::size_t kLongestHead = 128;
// A message for a thousand recipients with long error texts stays below; a larger one is corrupt.
constexpr std::size_t kLargestEnvelope = 64 * 1024 * 1024;

[[nodiscard]] std::optional<FileHead> decode_message_head(std::string_view start);
[[nodiscard]] std::optional<FileHead> decode_state_head(std::string_view start);

[[nodiscard]] std::uint32_t checksum(std::string_view bytes);

}  // namespace sluice::queue
