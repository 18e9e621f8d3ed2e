// A reply of the server: three-digit code, optional enhanced status code (RFC 3463), one or more lines of text.
// Values come from replies.def, from the configuration (config.server.smtp.codes) and from rules (state::deny("...")).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::smtp {

struct EnhancedCode {
    std::uint16_t klass = 2;  // 2, 4 or 5
    std::uint16_t subject = 0;
    std::uint16_t detail = 0;

    // "4.7.1"; nullopt unless d.d{1,3}.d{1,3} with class 2, 4 or 5.
    [[nodiscard]] static std::optional<EnhancedCode> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
    friend bool operator==(const EnhancedCode&, const EnhancedCode&) = default;
};

struct Reply {
    int code = 250;
    std::optional<EnhancedCode> enhanced;
    std::vector<std::string> lines;  // without codes and line ends; printing an empty vector gives one empty line

    // "NNN text" or "NNN d.d.d text", separator blank or "-", lines separated by CRLF or LF, equal codes on every line.
    // nullopt for anything else, and for codes outside 100..599.
    [[nodiscard]] static std::optional<Reply> parse(std::string_view text);

    // Wire form: "-" after the code on all lines but the last, full code on each, CRLF at the end of each. A line is
    // folded before it exceeds limits::reply_line; control characters become "?" so that no rule can inject a line.
    [[nodiscard]] std::string print() const;
    void print_to(std::string& out) const;

    [[nodiscard]] bool positive() const noexcept { return code < 400; }
    [[nodiscard]] bool transient() const noexcept { return code >= 400 && code < 500; }
    [[nodiscard]] bool permanent() const noexcept { return code >= 500; }

    friend bool operator==(const Reply&, const Reply&) = default;
};

// vsl-rules.md 10, "extended" replies: the lines of both, under the code of the second.
[[nodiscard]] Reply extend(const Reply& first, const Reply& second);

}  // namespace sluice::smtp
