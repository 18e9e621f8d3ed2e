#include <algorithm>

#include "dsl/lsp/cursor.hpp"
#include "dsl/lsp/features.hpp"
#include "dsl/lsp/symbols.hpp"

namespace sluice::dsl::lsp {

namespace {

Target target(const Workspace& workspace, const ast::Ast& tree, Span span) {
    const auto text = tree.source()->text();
    return {workspace.uri_of(tree.source()->name()), Lines(text).range(text, span)};
}

std::shared_ptr<const Script> module_of(Workspace& workspace, const Document& document, const ast::Import& import) {
    if (import.path->kind != ast::Kind::string) return nullptr;
    return workspace.module(workspace.import_target(document, ast::as<ast::String>(*import.path).value));
}

std::vector<Target> of_functions(const Workspace& workspace, const ast::Ast& tree, std::string_view name) {
    std::vector<Target> targets;
    for (const auto* function : functions_of(tree, name))
        targets.push_back(target(workspace, tree, function->name_span));
    return targets;
}

// The name under which the module gives it, or the variable itself.
std::vector<Target> in_module(const Workspace& workspace, const ast::Ast& tree, std::string_view name) {
    auto targets = of_functions(workspace, tree, name);
    for (const auto* statement : tree.statements) {
        if (statement->kind != ast::Kind::export_) continue;
        const auto& exported = ast::as<ast::Export>(*statement);
        if (exported.let && exported.let->decl->name == name)
            targets.push_back(target(workspace, tree, exported.let->decl->span));
        else if (!exported.let && exported.alias == name)
            targets.push_back(target(workspace, tree, exported.alias_span));
        else if (!exported.let && exported.alias.empty() && exported.name->name == name)
            targets.push_back(
                target(workspace, tree, exported.name->decl ? exported.name->decl->span : exported.name->span));
    }
    if (targets.empty())
        if (const auto* import = import_of(tree, name)) targets.push_back(target(workspace, tree, import->alias_span));
    return targets;
}

std::vector<Target> of_import_path(Workspace& workspace, const Document& document, const ast::Ast& tree,
                                   std::uint32_t offset) {
    std::vector<Target> targets;
    for_each_import(tree, [&](const ast::Import& import) {
        const auto span = import.path->span;
        if (offset < span.begin || offset > span.end) return;
        if (const auto module = module_of(workspace, document, import))
            targets.push_back(target(workspace, *module->tree, {}));
    });
    return targets;
}

}  // namespace

std::vector<Target> definition(Workspace& workspace, const Document& document, Place place) {
    const auto* script = workspace.script(document);
    if (!script) return {};
    const auto& tree = *script->tree;
    const auto offset = document.offset(place);
    const auto cursor = cursor_at(document.text(), offset);
    if (cursor.where == Surroundings::string)
        return workspace.is_current(document) ? of_import_path(workspace, document, tree, offset)
                                              : std::vector<Target>();
    if (cursor.where != Surroundings::code || cursor.name.empty()) return {};
    if (!cursor.qualifier.empty()) {
        if (cursor.qualifier.size() == 1 && cursor.qualifier[0] == "global") {
            const auto variables = variables_of(tree);
            const auto* constant = global_constant(variables, cursor.name);
            return constant ? std::vector{target(workspace, tree, constant->decl->span)} : std::vector<Target>();
        }
        // a::b::c: from module to module.
        std::shared_ptr<const Script> module;
        const ast::Ast* at = &tree;
        for (const auto& segment : cursor.qualifier) {
            const auto* import = import_of(*at, segment);
            auto next = import ? module_of(workspace, document, *import) : nullptr;
            if (!next) return {};
            module = std::move(next);
            at = module->tree.get();
        }
        return in_module(workspace, *at, cursor.name);
    }
    if (!cursor.member && workspace.is_current(document)) {
        const auto variables = variables_of(tree);
        if (const auto* variable = variable_at(tree, variables, offset, cursor.name))
            return {target(workspace, tree, variable->decl->span)};
    }
    auto targets = of_functions(workspace, tree, cursor.name);
    if (targets.empty() && !cursor.member)
        if (const auto* import = import_of(tree, cursor.name)) {
            const auto module = module_of(workspace, document, *import);
            targets.push_back(module ? target(workspace, *module->tree, {})
                                     : target(workspace, tree, import->alias_span));
        }
    return targets;
}

}  // namespace sluice::dsl::lsp
