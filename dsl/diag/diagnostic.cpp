#include "dsl/diag/diagnostic.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

namespace sluice::dsl {

namespace {

constexpr std::array table{
#define SLUICE_DIAGNOSTIC(name, code, severity, kind, text, hint) \
    CodeInfo{#name, code, Severity::severity, kind, text, hint},
#include "dsl/diag/diagnostics.def"
#undef SLUICE_DIAGNOSTIC
};

}  // namespace

std::string_view to_string(Severity severity) noexcept {
    return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "note";
}

const CodeInfo& info(Code code) noexcept { return table[static_cast<std::size_t>(code)]; }

void Diagnostics::add(Code code, SourcePtr source, Span span, std::string message, std::string hint) {
    add({code, std::move(source), span, std::move(message), std::move(hint)});
}

void Diagnostics::add(Diagnostic diagnostic) {
    const auto severity = info(diagnostic.code).severity;
    if (severity == Severity::error) ++errors_;
    if (severity == Severity::warning) ++warnings_;
    all_.push_back(std::move(diagnostic));
}

void Diagnostics::remove_repeated() {
    std::vector<Diagnostic> before = std::move(all_);
    std::unordered_set<std::string> known;
    all_.clear();
    errors_ = warnings_ = 0;
    for (auto& diagnostic : before) {
        const auto key = fmt::format("{}\n{}\n{}-{}\n{}", info(diagnostic.code).code,
                                     diagnostic.source ? diagnostic.source->name() : "", diagnostic.span.begin,
                                     diagnostic.span.end, diagnostic.message);
        if (known.insert(key).second) add(std::move(diagnostic));
    }
}

const CodeInfo* find_code(std::string_view text) noexcept {
    const auto same = [&](const CodeInfo& entry) {
        return std::ranges::equal(entry.code, text, [](char a, char b) {
            return a == static_cast<char>(std::toupper(static_cast<unsigned char>(b)));
        });
    };
    const auto found = std::ranges::find_if(table, same);
    return found == table.end() ? nullptr : &*found;
}

std::span<const CodeInfo> all_codes() noexcept { return table; }

}  // namespace sluice::dsl
