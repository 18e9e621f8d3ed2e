// The lines of a header block, the one place that says what a line, a field and an end of header is; HeaderFields and
// the MIME walk read with it. A line ends with LF, CRLF or the end of the text (SMTP gives CRLF only; a file may not).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace sluice::mail {

// Octets [begin, end) of a message.
struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;

    [[nodiscard]] std::string_view of(std::string_view bytes) const noexcept {
        return bytes.substr(begin, end - begin);
    }
    [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
    [[nodiscard]] bool empty() const noexcept { return begin == end; }
    [[nodiscard]] bool operator==(const Span&) const noexcept = default;
};

struct Line {
    std::size_t begin;
    std::size_t text_end;  // where CRLF or LF begins
    std::size_t end;       // where the next line begins
};

// Precondition: begin < bytes.size().
[[nodiscard]] Line line_at(std::string_view bytes, std::size_t begin) noexcept;

[[nodiscard]] std::string_view without_line_end(std::string_view text) noexcept;  // one CRLF or LF at most

[[nodiscard]] constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
// RFC 5322 3.6.8: printable ASCII without the colon.
[[nodiscard]] constexpr bool is_ftext(char c) noexcept { return c > ' ' && c < 127 && c != ':'; }
[[nodiscard]] bool equal_names(std::string_view a, std::string_view b) noexcept;  // ASCII case does not count

struct FieldStart {
    std::size_t name_size;
    std::size_t value;  // behind the colon
};

// The beginning of a field in a line without its line end: a name, then ":", blanks between them allowed (RFC
// 5322 4.5).
[[nodiscard]] std::optional<FieldStart> field_start(std::string_view line) noexcept;

// Where the field that begins with the line `first` ends: behind its folds.
[[nodiscard]] std::size_t field_end(std::string_view bytes, const Line& first) noexcept;
// The fields of a message, without the empty line.
[[nodiscard]] std::string_view header_section(std::string_view message) noexcept;

}  // namespace sluice::mail
