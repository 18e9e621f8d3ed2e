// Walking a tree without caring what most of it is.
#pragma once

#include <functional>

#include "dsl/ast/nodes.hpp"

namespace sluice::dsl::ast {

// Calls `visit` for every direct child that is there.
void for_each_child(Node& node, const std::function<void(Node&)>& visit);

// Every import below `node`, in source order; keeps a list of its own, so depth costs no stack.
void for_each_import(Node& node, const std::function<void(Import&)>& visit);

}  // namespace sluice::dsl::ast
