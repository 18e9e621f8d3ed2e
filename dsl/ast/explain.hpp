// From "the grammar needed X here" to a diagnostic in the writer's words: looks at what stands in the text instead.
#pragma once

#include "dsl/ast/syntax_fault.hpp"
#include "dsl/diag/diagnostic.hpp"

namespace sluice::dsl::ast {

struct FaultPlace {
    std::uint32_t statement_begin;  // of the statement at top level
    std::uint32_t token_end;        // of the last good token
    std::uint32_t literal_begin;    // of the last quote that opened a string or character
    std::uint32_t depth_limit;      // of nesting, where the error is
    bool directives;                // rule, action, delegate are words
};

[[nodiscard]] Diagnostic explain(const Unexpected& fault, const FaultPlace& place, const SourcePtr& source);

}  // namespace sluice::dsl::ast
