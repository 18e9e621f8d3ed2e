// Problems of TLS settings as values: code, severity, text and hint come from problems.def.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::tls {

// Where a setting was written, for messages: "domain-enabled/example.com/config.vsl".
struct Origin {
    std::string file;
    std::uint32_t line = 0;  // 0: unknown
    std::uint32_t column = 0;
};

struct Problem {
    enum class Severity : std::uint8_t { error, warning, notice };
    Severity severity = Severity::error;
    std::string code;  // "T0103": stable, listed in engine/tls/problems.def
    std::string text;  // what is wrong
    std::string hint;  // what to do
    Origin origin;
};

[[nodiscard]] std::string_view to_string(Problem::Severity severity) noexcept;  // "error", "warning", "note"

enum class ProblemId : std::uint8_t {
#define PROBLEM(name, code, severity, text, hint) name,
#include "engine/tls/problems.def"
#undef PROBLEM
};

[[nodiscard]] Problem format_problem(ProblemId id, const Origin& origin, fmt::format_args arguments);

// The arguments fill the placeholders of the text, then those of the hint.
template <typename... Arguments>
[[nodiscard]] Problem make_problem(ProblemId id, const Origin& origin, const Arguments&... arguments) {
    return format_problem(id, origin, fmt::make_format_args(arguments...));
}

// What can be wrong, for `sluice explain`: text and hint with the placeholders of problems.def.
struct ProblemInfo {
    std::string_view code;
    Problem::Severity severity;
    std::string_view text;
    std::string_view hint;
};
[[nodiscard]] std::span<const ProblemInfo> all_problems() noexcept;
// Long texts in the format of dsl/diag/explanation.hpp.
extern const std::string_view explanations_book;

[[nodiscard]] bool has_error(const std::vector<Problem>& problems) noexcept;

}  // namespace sluice::tls
