// What is told to the writer of a script: a stable code, a place, a text, a hint. The closed set of codes is
// diagnostics.def; renderers (terminal with quoted source and marker, JSON) are in render.hpp.
// Codes: E00xx lexis and syntax, E01xx names and scopes, E02xx structure of rules, E03xx configuration,
// E04xx run time, W.... lints.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/source/source_file.hpp"

namespace sluice::dsl {

enum class Severity { error, warning, note };
[[nodiscard]] std::string_view to_string(Severity severity) noexcept;  // "error", "warning", "note"

enum class Code {
#define SLUICE_DIAGNOSTIC(name, code, severity, kind, text, hint) name,
#include "dsl/diag/diagnostics.def"
#undef SLUICE_DIAGNOSTIC
};

struct CodeInfo {
    std::string_view name;  // "unexpected_token"
    std::string_view code;  // "E0001"
    Severity severity;
    std::string_view kind;  // Rhai's error kind, "BadInput"; what `sluice eval --json-lines` calls "error"
    std::string_view text;  // general text; a diagnostic usually says it more exactly
    std::string_view hint;  // general hint, may be empty
};

[[nodiscard]] const CodeInfo& info(Code code) noexcept;

struct Diagnostic {
    Code code;
    SourcePtr source;  // may be null for a problem with no file
    Span span;
    std::string message;  // exact text; empty: the general one
    std::string hint;     // exact hint; empty: the general one
};

// Collects everything a run finds; never throws, never stops at the first.
class Diagnostics {
  public:
    void add(Code code, SourcePtr source, Span span, std::string message = {}, std::string hint = {});
    void add(Diagnostic diagnostic);
    // Leaves one of those that say the same about the same place: a module is compiled for each script that imports it.
    void remove_repeated();
    [[nodiscard]] bool has_errors() const noexcept { return errors_ != 0; }
    [[nodiscard]] std::size_t errors() const noexcept { return errors_; }
    [[nodiscard]] std::size_t warnings() const noexcept { return warnings_; }
    [[nodiscard]] const std::vector<Diagnostic>& all() const noexcept { return all_; }

  private:
    std::vector<Diagnostic> all_;
    std::size_t errors_ = 0;
    std::size_t warnings_ = 0;
};

// The code written so ("E0123", "w0100"), or nothing.
[[nodiscard]] const CodeInfo* find_code(std::string_view text) noexcept;
[[nodiscard]] std::span<const CodeInfo> all_codes() noexcept;

// The name in `candidates` nearest to `name` (edit distance at most a third of its length), or empty.
[[nodiscard]] std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& candidates);

}  // namespace sluice::dsl
