#include "dsl/lsp/symbols.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/ast/walk.hpp"

namespace sluice::dsl::lsp {

using ast::as;
using ast::Kind;
using ast::Node;

namespace {

class Collector {
  public:
    explicit Collector(const ast::Ast& tree) : tree_(tree) {}

    std::vector<Variable> run() {
        end_ = static_cast<std::uint32_t>(tree_.source()->text().size());
        for (const auto* statement : tree_.statements) waiting_.push_back({statement, {0, end_ + 1}});
        for (const auto* function : tree_.functions) {
            for (const auto* param : function->params) add(param, VariableKind::parameter, function->span);
            waiting_.push_back({function->body, function->body->span});
        }
        while (!waiting_.empty()) {
            const auto next = waiting_.back();
            waiting_.pop_back();
            visit(*next.node, next.scope);
        }
        std::ranges::stable_sort(found_, {}, [](const Variable& v) { return v.decl->span.begin; });
        return std::move(found_);
    }

  private:
    struct Work {
        const Node* node;
        Span scope;
    };

    void add(const ast::Decl* decl, VariableKind kind, Span scope, bool exported = false) {
        if (decl) found_.push_back({decl, kind, {decl->span.begin, scope.end}, exported, scope.end > end_});
    }

    void let(const ast::Let& node, Span scope, bool exported) {
        add(node.decl, node.decl->is_const ? VariableKind::constant : VariableKind::variable, scope, exported);
    }

    void visit(const Node& node, Span scope) {
        if (node.kind == Kind::let) let(as<ast::Let>(node), scope, false);
        if (node.kind == Kind::export_ && as<ast::Export>(node).let) {
            let(*as<ast::Export>(node).let, scope, true);
            if (const auto* init = as<ast::Export>(node).let->init) waiting_.push_back({init, scope});
            return;
        }
        if (node.kind == Kind::closure)
            for (const auto* param : as<ast::Closure>(node).params) add(param, VariableKind::parameter, node.span);
        if (node.kind == Kind::for_) {
            add(as<ast::For>(node).item, VariableKind::loop_variable, node.span);
            add(as<ast::For>(node).counter, VariableKind::loop_variable, node.span);
        }
        if (node.kind == Kind::try_) add(as<ast::Try>(node).error, VariableKind::error, node.span);
        const bool opens = node.kind == Kind::block || node.kind == Kind::closure;
        ast::for_each_child(node, [&](const Node& child) { waiting_.push_back({&child, opens ? node.span : scope}); });
    }

    const ast::Ast& tree_;
    std::uint32_t end_ = 0;
    std::vector<Work> waiting_;
    std::vector<Variable> found_;
};

template <class Visit>
void for_each_node(const ast::Ast& tree, Visit&& visit) {
    std::vector<const Node*> waiting(tree.statements.begin(), tree.statements.end());
    for (const auto* function : tree.functions) waiting.push_back(function->body);
    while (!waiting.empty()) {
        const auto* next = waiting.back();
        waiting.pop_back();
        visit(*next);
        ast::for_each_child(*next, [&](const Node& child) { waiting.push_back(&child); });
    }
}

bool holds(Span span, std::uint32_t offset) { return span.begin <= offset && offset <= span.end; }

}  // namespace

std::vector<Variable> variables_of(const ast::Ast& tree) { return Collector(tree).run(); }

// Where the compiler did not say which one is meant, the last one that can be seen from here is.
const Variable* variable_at(const ast::Ast& tree, const std::vector<Variable>& variables, std::uint32_t offset,
                            std::string_view name) {
    for (const auto& variable : variables)
        if (variable.decl->name == name && holds(variable.decl->span, offset)) return &variable;
    const ast::Decl* meant = nullptr;
    bool is_value = false;
    for_each_node(tree, [&](const Node& node) {
        if (node.kind != Kind::name || as<ast::Name>(node).name != name || !holds(node.span, offset)) return;
        is_value = true;
        if (const auto* decl = as<ast::Name>(node).decl) meant = &check::root_of(*decl);
    });
    const Variable* visible = nullptr;
    for (const auto& variable : variables) {
        if (variable.decl == meant) return &variable;
        if (variable.decl->name == name && holds(variable.scope, offset)) visible = &variable;
    }
    return is_value ? visible : nullptr;
}

const Variable* global_constant(const std::vector<Variable>& variables, std::string_view name) {
    const auto found = std::ranges::find_if(
        variables, [&](const Variable& v) { return v.top_level && v.decl->is_const && v.decl->name == name; });
    return found == variables.end() ? nullptr : &*found;
}

const ast::Import* import_of(const ast::Ast& tree, std::string_view alias) {
    const ast::Import* found = nullptr;
    for_each_import(tree, [&](const ast::Import& import) {
        if (import.alias == alias && !found) found = &import;
    });
    return found;
}

void for_each_import(const ast::Ast& tree, const std::function<void(const ast::Import&)>& visit) {
    for_each_node(tree, [&](const Node& node) {
        if (node.kind == Kind::import) visit(as<ast::Import>(node));
    });
}

std::vector<const ast::Function*> functions_of(const ast::Ast& tree, std::string_view name) {
    std::vector<const ast::Function*> found;
    std::ranges::copy_if(tree.functions, std::back_inserter(found),
                         [&](const ast::Function* function) { return function->name == name; });
    return found;
}

std::string signature(const ast::Function& function) {
    std::string text = fmt::format("{}fn {}(", function.is_private ? "private " : "", function.name);
    for (std::size_t i = 0; i < function.params.size(); ++i)
        text += (i == 0 ? "" : ", ") + std::string(function.params[i]->name);
    return text + ")";
}

std::string comment_above(const ast::Ast& tree, Span span) {
    const auto& source = *tree.source();
    std::string text;
    for (auto line = source.position(span.begin).line; line > 1; --line) {
        auto above = source.line(line - 1);
        above.remove_prefix(std::min(above.find_first_not_of(" \t"), above.size()));
        if (!above.starts_with("//") || above.starts_with("//!")) break;
        above.remove_prefix(std::min(above.find_first_not_of("/ "), above.size()));
        text = std::string(above) + "\n" + text;
    }
    return text;
}

}  // namespace sluice::dsl::lsp
