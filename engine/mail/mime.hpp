// The parts of a message (RFC 2045, 2046, 2183): one walk over its bytes, in document order, that gives views and
// copies no octet of a body. Any bytes have a walk. Its cost is linear in the size of the message, whatever the sender
// nested in it.
//
// What is done with what the RFCs leave open, or forbid:
// - A boundary counts only as a whole line ("--boundary" or "--boundary--", blanks behind it allowed), with the
// innermost
//   multipart that has it open. Lines before the first and behind the last boundary belong to no part.
// - A multipart that never ends, or ends with the message in the middle of a line, ends there.
// - A multipart without a boundary parameter is a leaf, `malformed`; a message/rfc822 or message/global with a transfer
//   encoding that hides its bytes is a leaf.
// - A Content-Type that cannot be read counts as text/plain (RFC 2045 5.2), `malformed`. Of fields given twice the
// first
//   counts, `malformed`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/limits.hpp"
#include "engine/mail/header_lines.hpp"
#include "engine/mail/message.hpp"
#include "engine/mail/mime_parameters.hpp"
#include "engine/mail/transfer_encoding.hpp"

namespace sluice::mail {

inline constexpr std::size_t no_parent = static_cast<std::size_t>(-1);

struct Part {
    std::size_t depth = 0;              // 0: the message itself
    std::size_t parent = no_parent;     // index in MimeParts::parts
    std::string content_type;           // "text/plain", lower case; never empty
    std::vector<Parameter> parameters;  // of the Content-Type, RFC 2231 undone
    std::string charset;                // lower case; "us-ascii" for text without one, "" for all else without one
    std::string disposition;            // "inline", "attachment" …, lower case; "" if there is none
    std::string file_name;              // UTF-8, not for opening files: mime_parameters.hpp
    TransferEncoding encoding = TransferEncoding::seven_bit;
    Span header;  // fields, without the empty line
    Span body;    // as it stands there, still encoded; of a multipart all from its first to its last line
    // Disposition "attachment" or one that is unknown (RFC 2183 2.8), or a file name; without a disposition also
    // whatever is neither text nor, as the message itself, message/*. A multipart is none.
    bool is_attachment = false;
    bool malformed = false;
};

struct WalkLimits {
    std::size_t depth = limits::mime_depth;  // the greatest depth a part may have
    std::size_t parts = limits::mime_parts;  // at least 1
};

enum class Truncation : std::uint8_t {
    none,
    depth,  // a multipart or message at the greatest depth was not walked into; it stands in the list as a leaf
    parts,  // the walk ended when one part more than allowed began; the last multiparts reach to the end of the message
};

struct MimeParts {
    std::shared_ptr<const std::string> bytes;  // what the spans are about
    std::vector<Part> parts;  // in document order, a parent before its children; the first is the message
    Truncation truncated = Truncation::none;

    [[nodiscard]] std::string_view header(const Part& part) const { return part.header.of(*bytes); }
    [[nodiscard]] std::string_view body(const Part& part) const { return part.body.of(*bytes); }
};

// Of the message as it stands, header edits included.
[[nodiscard]] MimeParts parts(const Message& message, const WalkLimits& walk_limits = {});

// The body of a part without its transfer encoding; at most `most` octets. Containers give their body as it is.
[[nodiscard]] Decoded decode(const MimeParts& mime, const Part& part, std::size_t most);
[[nodiscard]] std::size_t decoded_size(const MimeParts& mime, const Part& part);

// Those with is_attachment, in order.
[[nodiscard]] std::vector<const Part*> attachments(const MimeParts& mime);

}  // namespace sluice::mail
