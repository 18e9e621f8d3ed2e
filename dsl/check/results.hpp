// What a function may give: the expressions whose value can be its result, and the places where it can end without one.
#pragma once

#include <vector>

#include "dsl/ast/nodes.hpp"

namespace sluice::dsl::check {

struct Results {
    std::vector<const ast::Node*> values;   // in no particular order
    std::vector<const ast::Node*> without;  // an `if` without else, `return;`, a block without a value ...
};

// `body` is that of a closure or function. Closures inside it are other functions.
[[nodiscard]] Results results_of(const ast::Node& body);

// Control does not get past this statement.
[[nodiscard]] bool ends_here(const ast::Node& statement);

}  // namespace sluice::dsl::check
