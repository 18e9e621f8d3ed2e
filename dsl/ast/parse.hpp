// Text -> syntax tree. The only caller of grammar/vsl; exceptions of PEGTL stay inside.
#pragma once

#include <memory>

#include "dsl/ast/nodes.hpp"
#include "dsl/diag/diagnostic.hpp"

namespace sluice::dsl::ast {

struct ParseOptions {
    bool directives = true;                      // rule / action / delegate are words
    bool expression_only = false;                // the text must be exactly one expression
    std::uint32_t max_depth_top = 64;            // nesting of expressions at top level (vsl-language.md 17)
    std::uint32_t max_depth_function = 32;       // and inside functions
    std::uint32_t max_string_bytes = 16u << 20;  // literal: LiteralTooLarge
    std::uint32_t max_array_items = 1'000'000;
    std::uint32_t max_map_items = 100'000;
};

// Null if there was a syntax error; every problem found is added to `diagnostics`.
[[nodiscard]] std::unique_ptr<Ast> parse(SourcePtr source, const ParseOptions& options, Diagnostics& diagnostics);

}  // namespace sluice::dsl::ast
