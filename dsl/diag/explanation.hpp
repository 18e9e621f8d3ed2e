// The long text of a code: what it means, a wrong example, a right one, why. Written in explanations/*.md, which are
// part of the program. Format of such a book:
//
//     # E0053
//     Text, in paragraphs.
//     ```wrong [KIND]
//     the example
//     ```
//     ```right [KIND]
//     ...
//     ```
//     Text.
//
// KIND says what the example is, for readers and for the test that runs it (tests/errors/test_explain.py): nothing for
// rules (filter.vsl; a map of stages is added where the example has none), `config` for lines of on_config, `file PATH`
// for another file, `shell` or `text` for what is only shown.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::dsl {

// The section of the code in the book, without its heading; nothing if it has none.
[[nodiscard]] std::optional<std::string_view> section(std::string_view book, std::string_view code);

// The text of a code of diagnostics.def.
[[nodiscard]] std::optional<std::string_view> explanation(std::string_view code);

// A section for a terminal: examples are indented under "Wrong:" and "Right:".
[[nodiscard]] std::string render_explanation(std::string_view section);

}  // namespace sluice::dsl
