// Names: which declaration each name means, what closures capture, what is ever changed (vsl-language.md sections 7,
// 10, 11, 15). Runs after parsing; annotates the tree and gives what does not fit into it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dsl/ast/nodes.hpp"
#include "dsl/ast/parse.hpp"
#include "dsl/diag/diagnostic.hpp"
#include "dsl/value/native.hpp"

namespace sluice::dsl::check {

struct Resolution {
    // A name or call path whose first segment is an import alias: the import it means.
    std::unordered_map<const ast::Node*, const ast::Import*> module_of;
    // Variable that holds the module of an import with a computed path.
    std::unordered_map<const ast::Import*, ast::Decl*> dynamic_imports;
    // is_def_var("literal") -> answer.
    std::unordered_map<const ast::Node*, bool> variable_defined;
    // Variables of the script's top level that are visible at its end, in order of declaration.
    std::vector<ast::Decl*> top_level;
    // Unknown names used inside a closure: raised when the closure is made.
    std::unordered_map<const ast::Closure*, std::vector<const ast::Name*>> missing;
    // Unknown names that look like a variable which can be seen where they stand.
    std::unordered_map<const ast::Name*, std::string> similar;
    // Captures of the top level itself: variables of earlier scripts run in the same scope.
    std::vector<ast::Capture> inherited;
    // f!(…): the copy of f that stands there, and the trees these copies belong to.
    std::unordered_map<const ast::Call*, ast::Function*> inlined;
    std::vector<std::unique_ptr<ast::Ast>> copies;
};

struct Inherited {
    std::string name;
    bool constant = false;
};

// What conformance suites switch on; 0 means unlimited.
struct Restrictions {
    std::uint64_t max_variables = 0;  // visible at one place of a function or of the top level
    std::uint64_t max_functions = 0;
    bool shadowing = true;  // a variable may take a name that is visible
};

struct ResolveOptions {
    const NativeTable* natives = nullptr;
    std::vector<Inherited> inherited;  // variables of scripts run before in the same scope
    bool keep_scope = false;           // top-level variables will be visible to scripts run later
    bool strict = false;               // no caller-scope calls
    Restrictions restrictions;
    ast::ParseOptions parse;  // for copies of functions
};

[[nodiscard]] Resolution resolve(ast::Ast& ast, const ResolveOptions& options, Diagnostics& diagnostics);

// The variable a chain of captures starts from.
[[nodiscard]] inline const ast::Decl& root_of(const ast::Decl& decl) {
    const auto* root = &decl;
    while (root->origin) root = root->origin;
    return *root;
}
// Lives in a cell: captured by a closure and changed somewhere.
[[nodiscard]] inline bool in_cell(const ast::Decl& decl) {
    const auto& root = root_of(decl);
    return root.captured && root.mutated;
}

}  // namespace sluice::dsl::check
