// Diagnostics as text for a terminal and as JSON for tools.
//
// Terminal form, one per diagnostic:
//     filter.vsl:3:9: error[E0060]: `=` assigns and cannot stand in a condition
//         3 |     if x = 1 {
//           |          ^
//           = hint: use == to compare
// The marker covers the span as far as it lies on its first line, one mark per Unicode scalar, with the tabs of the
// quoted line repeated. Control characters and bytes that are not UTF-8 are shown as U+FFFD.
#pragma once

#include <string>
#include <vector>

#include "dsl/diag/diagnostic.hpp"

namespace sluice::dsl {

struct RenderOptions {
    bool color = false;
    std::uint32_t max_width = 160;  // scalars of a quoted line; a longer one is cut round the span
};

[[nodiscard]] std::string render(const Diagnostic& diagnostic, const RenderOptions& options = {});
[[nodiscard]] std::string render(const std::vector<Diagnostic>& diagnostics, const RenderOptions& options = {});

// An array of objects {code, kind, severity, file, line, column, end_line, end_column, message, hint}. Lines and
// columns are 1-based, end is exclusive; 0 where there is no file.
[[nodiscard]] std::string render_json(const std::vector<Diagnostic>& diagnostics);

// What a diagnostic says: its own text, or the general one of its code.
[[nodiscard]] std::string_view message_of(const Diagnostic& diagnostic) noexcept;
[[nodiscard]] std::string_view hint_of(const Diagnostic& diagnostic) noexcept;

}  // namespace sluice::dsl
