// The names of a script: what is declared where, and what a name at a place means.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/lsp/workspace.hpp"

namespace sluice::dsl::lsp {

enum class VariableKind { variable, constant, parameter, loop_variable, error };

struct Variable {
    const ast::Decl* decl = nullptr;
    VariableKind kind = VariableKind::variable;
    Span scope;  // where it can be used
    bool exported = false;
    bool top_level = false;
};

// Every variable of the script, in the order of the text.
[[nodiscard]] std::vector<Variable> variables_of(const ast::Ast& tree);

// The variable that the name at `offset` declares or means; null if it means none.
[[nodiscard]] const Variable* variable_at(const ast::Ast& tree, const std::vector<Variable>& variables,
                                          std::uint32_t offset, std::string_view name);

// The constant of the top level that `global::name` means in a function; null if there is none.
[[nodiscard]] const Variable* global_constant(const std::vector<Variable>& variables, std::string_view name);

// Null: no import of the script has this alias.
[[nodiscard]] const ast::Import* import_of(const ast::Ast& tree, std::string_view alias);
// Imports at any depth.
void for_each_import(const ast::Ast& tree, const std::function<void(const ast::Import&)>& visit);

[[nodiscard]] std::vector<const ast::Function*> functions_of(const ast::Ast& tree, std::string_view name);

// "private fn name(a, b)"
[[nodiscard]] std::string signature(const ast::Function& function);
// The comment lines directly above the function, without their slashes.
[[nodiscard]] std::string comment_above(const ast::Ast& tree, Span span);

}  // namespace sluice::dsl::lsp
