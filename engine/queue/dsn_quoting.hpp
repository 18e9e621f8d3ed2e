// How text from elsewhere (replies, addresses, the quoted message) gets into a report without breaking its lines or its
// MIME structure. Used by dsn.cpp, dsn_fields.cpp, dsn_letter.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/base/ascii.hpp"

namespace sluice::queue::dsn {

// Valid UTF-8 that is not all ASCII.
[[nodiscard]] bool is_international(std::string_view text) noexcept;

// The first octets of `text`, at most `most`, not ending inside a UTF-8 character.
[[nodiscard]] std::string_view beginning(std::string_view text, std::size_t most) noexcept;

enum class Charset : std::uint8_t {
    ascii,  // other characters as RFC 6533 3 writes them: \x{E9}
    utf8,
};

// One line: line ends and tabs become blanks, control characters "?", octets that are no UTF-8 are read as Latin-1. Of
// `text` at most `most` octets are shown, then "..."; a word over limits::dsn_word is cut by blanks, for there has to
// be a place to fold. Of a run of blanks 100 are kept, at the ends none.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t most, Charset charset);

// An address of RFC 6533 3 between its forms: "\x{E9}ric@example.com" and "éric@example.com". Code points that are no
// character, or a control character, stay as they are.
[[nodiscard]] std::string decode_code_points(std::string_view address);
// For ASCII of address type utf-8: also encodes "+", "=" and "\", which are no QCHAR.
[[nodiscard]] std::string encode_code_points(std::string_view utf8_address);

// RFC 2045 6.7; CRLF ends a line, everything else is data.
[[nodiscard]] std::string quoted_printable(std::string_view text);

// "Name: value\r\n", folded. Precondition: `value` comes from one_line, or is our own.
[[nodiscard]] std::string field(std::string_view name, std::string_view value);

// Makes boundaries until there is one that does not occur in `content`.
[[nodiscard]] std::string free_boundary(std::string_view content, const std::function<std::string()>& make);

}  // namespace sluice::queue::dsn
