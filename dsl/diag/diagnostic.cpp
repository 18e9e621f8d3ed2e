#include "dsl/diag/diagnostic.hpp"

#include <array>
#include <utility>

namespace sluice::dsl {

namespace {

constexpr std::array table{
#define SLUICE_DIAGNOSTIC(name, code, severity, kind, text, hint) \
    CodeInfo{#name, code, Severity::severity, kind, text, hint},
#include "dsl/diag/diagnostics.def"
#undef SLUICE_DIAGNOSTIC
};

}  // namespace

const CodeInfo& info(Code code) noexcept { return table[static_cast<std::size_t>(code)]; }

void Diagnostics::add(Code code, SourcePtr source, Span span, std::string message, std::string hint) {
    add({code, std::move(source), span, std::move(message), std::move(hint)});
}

void Diagnostics::add(Diagnostic diagnostic) {
    if (info(diagnostic.code).severity == Severity::error) ++errors_;
    all_.push_back(std::move(diagnostic));
}

}  // namespace sluice::dsl
