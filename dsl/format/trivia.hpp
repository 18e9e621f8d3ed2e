// What stands between two tokens: comments and line breaks. The grammar skips them; the formatter must not.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace sluice::dsl::format {

struct Comment {
    std::string_view text;  // without blanks at the end
    std::uint32_t breaks_before = 0;
    bool alone = false;   // a line break follows
    bool joined = false;  // stands on the line of the comment before
};

struct Trivia {
    std::vector<Comment> trailing;  // on the line of the token before, with nothing but comments behind it
    std::vector<Comment> leading;   // belong to the token that follows
    std::uint32_t breaks = 0;       // line breaks directly before that token
    std::uint32_t end = 0;          // where it begins
};

// Of the blanks and comments at `at`. Before the first token of a file no comment is trailing.
[[nodiscard]] Trivia read_trivia(std::string_view text, std::uint32_t at);

// Every comment of a file, in order. For the check that none was lost.
[[nodiscard]] std::vector<std::string_view> all_comments(std::string_view text);

// Length of the token at `at` if it is a literal: a number with its sign, a string, a back-tick string with the code in
// it; else 0.
[[nodiscard]] std::uint32_t literal_length(std::string_view text, std::uint32_t at);

}  // namespace sluice::dsl::format
