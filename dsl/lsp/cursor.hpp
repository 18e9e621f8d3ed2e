// What stands at a place of a text, by its tokens alone: works in a text that cannot be parsed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dsl/ast/scan.hpp"

namespace sluice::dsl::lsp {

enum class Surroundings { code, string, template_text, comment };

struct Cursor {
    Surroundings where = Surroundings::code;
    Span token;                          // the string or comment, if it stands in one
    Span word;                           // the word it stands in or at the end of; empty: none
    std::string name;                    // of that word, all of it
    std::vector<std::string> qualifier;  // a, b of a::b::name
    bool member = false;                 // behind a dot
    std::vector<ast::Bracket> open;      // brackets round it
    std::string_view before;             // the token before the word and its qualifier; may be empty
};

[[nodiscard]] Cursor cursor_at(std::string_view text, std::uint32_t offset);

}  // namespace sluice::dsl::lsp
