// The lints, and what each of them is given. Private to dsl/lint.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dsl/ast/walk.hpp"
#include "dsl/check/literals.hpp"
#include "dsl/diag/diagnostic.hpp"
#include "dsl/host/rule_script.hpp"
#include "dsl/lint/types.hpp"

namespace sluice::dsl::lint {

// One file. Outlives nothing: the tree and the table of natives stay with the caller.
class File {
  public:
    File(const ast::Ast& file_tree, const NativeTable& natives, Diagnostics& diagnostics)
        : tree(file_tree), literals(file_tree, natives), types(literals), diagnostics_(diagnostics) {}
    File(const File&) = delete;

    const ast::Ast& tree;
    const check::Literals literals;
    const Types types;

    void warn(Code code, Span span, std::string message = {}, std::string hint = {}) const {
        diagnostics_.add(code, tree.source(), span, std::move(message), std::move(hint));
    }
    [[nodiscard]] std::string_view text(Span span) const {
        return tree.source()->text().substr(span.begin, span.end - span.begin);
    }

  private:
    Diagnostics& diagnostics_;
};

// Every node of the file, functions and closures too.
template <class Visit>
void for_each_node(const ast::Ast& tree, Visit&& visit) {
    std::vector<const ast::Node*> waiting;
    for (auto function = tree.functions.rbegin(); function != tree.functions.rend(); ++function)
        waiting.push_back(*function);
    for (auto statement = tree.statements.rbegin(); statement != tree.statements.rend(); ++statement)
        waiting.push_back(*statement);
    while (!waiting.empty()) {
        const auto* next = waiting.back();
        waiting.pop_back();
        visit(*next);
        const auto first = static_cast<std::ptrdiff_t>(waiting.size());
        ast::for_each_child(*next, [&](const ast::Node& child) { waiting.push_back(&child); });
        std::reverse(waiting.begin() + first, waiting.end());
    }
}

// --- any file
void unused_variables(const File& file);
void shadowed_names(const File& file);
void constant_conditions(const File& file);
void incomparable_types(const File& file);
void failing_calls(const File& file);
void regexes(const File& file);
void unreachable_code(const File& file);
void reply_codes(const File& file);

// --- rules
struct Rule {
    const Directive& directive;
    const File& file;       // of its function
    const ast::Node& body;  // of its function
    Span place;             // of the directive in the script, for marking all of it
    const SourcePtr& script;
};
// In the order in which they run.
using StageRules = std::vector<Rule>;

void unreachable_rules(const StageRules& rules, Diagnostics& diagnostics);
void rule_values(const Rule& rule);

}  // namespace sluice::dsl::lint
