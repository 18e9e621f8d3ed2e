// The last part of a report: as much of the original message as is to go back (RFC 6522 4, RFC 6533 5).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/queue/dsn_letter.hpp"

namespace sluice::queue::dsn {

struct OriginalPart {
    std::string_view content_type;       // "message/rfc822" …
    std::string_view transfer_encoding;  // "7bit", "8bit", "quoted-printable"
    std::string content;
    Quoted quoted = Quoted::header;
    bool needs_smtputf8 = false;  // UTF-8 stands in its header as it is
};

struct QuoteOptions {
    bool whole = false;          // else the header only
    bool international = false;  // the types of RFC 6533 may be used
    std::size_t most = 0;        // octets of the original
};
[[nodiscard]] OriginalPart original_part(std::string_view message, const QuoteOptions& options);

// What the report takes over from the header of the original.
struct OriginalFields {
    std::string subject;                    // the first, decoded; not yet safe to show
    bool delivery_before_security = false;  // "TLS-Required: No" (RFC 8689 5): the report wants the same
};
[[nodiscard]] OriginalFields original_fields(std::string_view message);

}  // namespace sluice::queue::dsn
