// Case labels are literals: a sign before a number is folded into it.
#pragma once

#include "dsl/ast/nodes.hpp"

namespace sluice::dsl::ast {

// The label with signs folded, inside arrays, maps and ranges too. What is no literal comes back as it is.
[[nodiscard]] Node* fold_label(Ast& ast, Node* label);

}  // namespace sluice::dsl::ast
