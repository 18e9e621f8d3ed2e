// The tree as S-expressions, for tests: one statement a line, functions last. Deterministic; complete but for spans.
#pragma once

#include <string>

#include "dsl/ast/nodes.hpp"

namespace sluice::dsl::ast {

[[nodiscard]] std::string print(const Ast& ast);
[[nodiscard]] std::string print(const Node& node);

}  // namespace sluice::dsl::ast
