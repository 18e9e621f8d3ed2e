#include "engine/tls/problems.hpp"

#include <algorithm>
#include <array>

namespace sluice::tls {

namespace {

constexpr std::array kRows = {
#define PROBLEM(name, code, severity, text, hint) ProblemInfo{code, Problem::Severity::severity, text, hint},
#include "engine/tls/problems.def"
#undef PROBLEM
};

}  // namespace

std::string_view to_string(Problem::Severity severity) noexcept {
    return severity == Problem::Severity::error ? "error" : severity == Problem::Severity::warning ? "warning" : "note";
}

Problem format_problem(ProblemId id, const Origin& origin, fmt::format_args arguments) {
    // Text and hint share one list of arguments, so they are formatted as one string and cut apart again.
    constexpr char kCut = '\x1f';
    const ProblemInfo& row = kRows[static_cast<std::size_t>(id)];
    std::string both(row.text);
    both += kCut;
    both += row.hint;
    const std::string formatted = fmt::vformat(both, arguments);
    const std::size_t cut = formatted.rfind(kCut);
    return {row.severity, std::string(row.code), formatted.substr(0, cut), formatted.substr(cut + 1), origin};
}

std::span<const ProblemInfo> all_problems() noexcept { return kRows; }

bool has_error(const std::vector<Problem>& problems) noexcept {
    return std::any_of(problems.begin(), problems.end(),
                       [](const Problem& problem) { return problem.severity == Problem::Severity::error; });
}

}  // namespace sluice::tls
