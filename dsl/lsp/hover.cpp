#include <algorithm>

#include <fmt/format.h>

#include "dsl/diag/explanation.hpp"
#include "dsl/format/format.hpp"
#include "dsl/host/host.hpp"
#include "dsl/lsp/cursor.hpp"
#include "dsl/lsp/features.hpp"
#include "dsl/lsp/library.hpp"
#include "dsl/lsp/symbols.hpp"

namespace sluice::dsl::lsp {

namespace {

std::string code(std::string_view text) { return fmt::format("```vsl\n{}\n```\n", text); }

std::string_view name_of(VariableKind kind) {
    switch (kind) {
        case VariableKind::constant: return "constant";
        case VariableKind::parameter: return "parameter";
        case VariableKind::loop_variable: return "loop variable";
        case VariableKind::error: return "the error that was caught";
        default: return "variable";
    }
}

std::string describe(const ast::Ast& tree, const Variable& variable) {
    const auto& decl = *variable.decl;
    std::string line(decl.name);
    if (variable.kind == VariableKind::constant || variable.kind == VariableKind::variable)
        line = fmt::format("{}{} {}", variable.exported ? "export " : "", decl.is_const ? "const" : "let", decl.name);
    const auto value =
        decl.is_const && decl.initialiser ? tree.source()->text(decl.initialiser->span) : std::string_view();
    constexpr std::size_t one_line = 80;
    if (!value.empty() && value.size() <= one_line && value.find('\n') == value.npos)
        line += fmt::format(" = {}", value);
    return code(line) + fmt::format("\n{}\n", name_of(variable.kind));
}

std::string describe(const ast::Ast& tree, const std::vector<const ast::Function*>& functions) {
    std::string lines, comment;
    for (const auto* function : functions) {
        lines += (lines.empty() ? "" : "\n") + signature(*function);
        if (comment.empty()) comment = comment_above(tree, function->span);
    }
    return code(lines) + (comment.empty() ? "" : "\n" + comment);
}

std::string in_module(const Script& module, const std::string& name) {
    if (const auto functions = functions_of(*module.tree, name); !functions.empty())
        return describe(*module.tree, functions);
    for (const auto& variable : variables_of(*module.tree))
        if (variable.exported && variable.decl->name == name) return describe(*module.tree, variable);
    return {};
}

std::string qualified(Workspace& workspace, const Document& document, const Cursor& cursor) {
    std::string full;
    for (const auto& segment : cursor.qualifier) full += segment + "::";
    if (const auto groups = groups_of(workspace.natives(document), full + cursor.name); !groups.empty())
        return describe_library(groups);
    const auto* script = workspace.script(document);
    if (script && full == "global::") {
        const auto variables = variables_of(*script->tree);
        const auto* constant = global_constant(variables, cursor.name);
        return constant ? describe(*script->tree, *constant) : std::string();
    }
    const auto* import =
        script && cursor.qualifier.size() == 1 ? import_of(*script->tree, cursor.qualifier[0]) : nullptr;
    if (!import || import->path->kind != ast::Kind::string) return {};
    const auto target = workspace.import_target(document, ast::as<ast::String>(*import->path).value);
    const auto module = workspace.module(target);
    return module ? in_module(*module, cursor.name) : std::string();
}

std::string stage_text(std::string_view name) {
    return fmt::format("{}\nstage of the SMTP dialogue; its list holds rules and actions\n", code(name));
}

std::string unqualified(Workspace& workspace, const Document& document, const Cursor& cursor, std::uint32_t offset) {
    const auto& natives = workspace.natives(document);
    const auto* script = workspace.script(document);
    if (script && !cursor.member) {
        const auto variables = variables_of(*script->tree);
        if (workspace.is_current(document))
            if (const auto* variable = variable_at(*script->tree, variables, offset, cursor.name))
                return describe(*script->tree, *variable);
    }
    if (script)
        if (const auto functions = functions_of(*script->tree, cursor.name); !functions.empty())
            return describe(*script->tree, functions);
    const bool stage_key = cursor.open.size() == 1 && stage_index(cursor.name) != stage_count;
    if (stage_key && !cursor.member) return stage_text(cursor.name);
    if (const auto groups = groups_of(natives, cursor.name); !groups.empty()) return describe_library(groups);
    if (script && !cursor.member)
        if (const auto* import = import_of(*script->tree, cursor.name))
            return code(script->tree->source()->text(import->span)) + "\nmodule\n";
    if (!cursor.member && natives.is_namespace(cursor.name)) return code(cursor.name) + "\nmodule of the library\n";
    return {};
}

std::string about_problem(const Problem& problem) {
    const auto text = explanation(problem.code);
    if (!text) return {};
    const auto end = std::min(text->find("```"), text->size());
    return fmt::format("**{}**: {}\n`sluice explain {}` tells more.\n", problem.code, text->substr(0, end),
                       problem.code);
}

bool within(Place place, const Range& range) {
    const auto order = [](Place p) { return std::pair(p.line, p.unit); };
    return order(range.begin) <= order(place) && order(place) <= order(range.end);
}

}  // namespace

std::optional<Hover> hover(Workspace& workspace, const Document& document, Place place,
                           const std::vector<Problem>& problems) {
    const auto offset = document.offset(place);
    const auto cursor = cursor_at(document.text(), offset);
    std::string text;
    if (cursor.where == Surroundings::code && !cursor.name.empty())
        text = cursor.qualifier.empty() ? unqualified(workspace, document, cursor, offset)
                                        : qualified(workspace, document, cursor);
    for (const auto& problem : problems) {
        if (!within(place, problem.range)) continue;
        const auto about = about_problem(problem);
        if (!about.empty()) text += (text.empty() ? "" : "\n---\n") + about;
    }
    if (text.empty()) return std::nullopt;
    return Hover{text, cursor.word.end != 0 ? cursor.word : Span{offset, offset}};
}

std::optional<std::string> formatted(const Document& document) {
    Diagnostics ignored;
    return format::format(std::make_shared<SourceFile>(document.path(), std::string(document.text())), {}, ignored);
}

}  // namespace sluice::dsl::lsp
