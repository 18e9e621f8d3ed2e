#include "dsl/code/unknown_names.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>

namespace sluice::dsl::code {

using namespace ast;

namespace {

Span span_of(List<Segment> segments) { return {segments.front().span.begin, segments.back().span.end}; }

void report(UnitContext& context, Code code, Span span, std::string text, std::string hint) {
    context.diagnostics.add(code, context.ast.source(), span, std::move(text), std::move(hint));
}

std::string did_you_mean_hint(const std::string& near) {
    return near.empty() ? std::string() : fmt::format("did you mean '{}'?", near);
}

// "netwrok" -> "network", an import of this file.
std::string similar_import(const UnitContext& context, std::string_view module) {
    std::vector<std::string_view> aliases;
    for (const auto* statement : context.ast.statements)
        if (statement->kind == Kind::import && !as<Import>(*statement).alias.empty())
            aliases.push_back(as<Import>(*statement).alias);
    return did_you_mean(module, aliases);
}

// Words that other languages use for values.
std::string_view foreign_value(std::string_view name) {
    if (name == "True" || name == "TRUE") return "write true";
    if (name == "False" || name == "FALSE") return "write false";
    if (name == "None" || name == "NULL" || name == "Null" || name == "undefined" || name == "NONE")
        return "the empty value is written ()";
    return {};
}

std::vector<std::string_view> callables(const UnitContext& context) {
    auto names = context.natives.names();
    for (const auto* function : context.ast.functions) names.push_back(function->name);
    return names;
}

// "accept" or "sys::accept" -> "state::accept".
std::string same_in_another_module(const UnitContext& context, std::string_view member) {
    const auto ending = "::" + std::string(member);
    std::string found;
    for (const auto name : context.natives.names()) {
        if (!name.ends_with(ending)) continue;
        if (!found.empty()) return {};
        found = name;
    }
    return found;
}

// "state.accept()": the word after the dot.
std::string member_after(const UnitContext& context, const Name& name) {
    const auto text = context.ast.source()->text();
    auto at = name.span.end;
    if (at >= text.size() || text[at] != '.') return {};
    std::string word;
    for (++at; at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) || text[at] == '_'); ++at)
        word += text[at];
    return word;
}

std::string module_hint(const UnitContext& context, const Name& name) {
    const auto member = member_after(context, name);
    if (member.empty()) return fmt::format("'{0}' is a module; what is in it is written {0}::name", name.name);
    const auto full = fmt::format("{}::{}", name.name, member);
    if (context.natives.known(full)) return fmt::format("`::` reaches into a module: write {}(...)", full);
    const auto near = did_you_mean(full, context.natives.names());
    return near.empty() ? fmt::format("`::` reaches into a module: {}::name", name.name)
                        : fmt::format("`::` reaches into a module; did you mean '{}'?", near);
}

// Functions do not see the variables of their file.
std::string top_level_hint(const UnitContext& context, std::string_view name) {
    for (const auto* decl : context.names.top_level) {
        if (decl->name != name) continue;
        return decl->is_global_const
                   ? fmt::format("in a function, a constant of the file is written global::{}", name)
                   : fmt::format(
                         "functions do not see variables of the file; pass it as an argument, or declare it "
                         "with const and write global::{}",
                         name);
    }
    return {};
}

// "no argument", "1 argument", "1 or 2 arguments", of all functions of this name.
std::string counts_taken(const UnitContext& context, const std::string& name) {
    std::set<std::size_t> counts;
    for (std::size_t i = 0; i <= Native::max_args; ++i)
        if (context.natives.find(name, i)) counts.insert(i);
    for (const auto* function : context.ast.functions)
        if (function->name == name) counts.insert(function->params.size());
    std::string text;
    for (const auto count : counts)
        text += (text.empty() ? "" : " or ") + (count == 0 ? std::string("no") : std::to_string(count));
    return fmt::format("{} argument{}", text, counts.size() == 1 && *counts.begin() <= 1 ? "" : "s");
}

std::string count_hint(const UnitContext& context, const std::string& name, const Call& call) {
    if (name.starts_with("state::") && call.args.size() >= 2)
        return fmt::format("make the reply with code(...): {}(code(550, \"5.7.1\", \"text\"))", name);
    const auto takes = fmt::format("'{}' takes {}", name, counts_taken(context, name));
    return context.natives.find(name, 0) && !context.natives.find(name, 1) && name.find("::") != std::string::npos
               ? fmt::format("{}: write {}()", takes, name)
               : takes;
}

std::string function_hint(const UnitContext& context, const Call& call, const std::string& name) {
    if (name == "rule" || name == "action")
        return fmt::format("a directive is written without parentheses: {} \"name\" || ...", name);
    if (call.callee.size() > 1)
        if (const auto import = similar_import(context, call.callee.front().name); !import.empty())
            return did_you_mean_hint(import);
    if (const auto other = same_in_another_module(context, call.callee.back().name); !other.empty())
        return did_you_mean_hint(other);
    if (const auto near = did_you_mean(name, callables(context)); !near.empty()) return did_you_mean_hint(near);
    if (call.callee.size() > 1 && !context.natives.is_namespace(call.callee.front().name))
        return fmt::format("modules are imported with `import \"path\" as {};`", call.callee.front().name);
    return call.callee.size() == 1 ? fmt::format("define it in this file: fn {}(...) {{ ... }}", name) : std::string();
}

}  // namespace

void unknown_variable(UnitContext& context, const Name& name) {
    if (!context.unknown.insert(name.name).second) return;
    std::string hint(foreign_value(name.name));
    if (hint.empty() && context.natives.is_namespace(name.name)) hint = module_hint(context, name);
    if (hint.empty()) hint = top_level_hint(context, name.name);
    if (hint.empty()) {
        std::vector<std::string_view> candidates;
        for (const auto* decl : context.names.top_level) candidates.push_back(decl->name);
        for (const auto* function : context.ast.functions) candidates.push_back(function->name);
        const auto similar = context.names.similar.find(&name);
        hint = did_you_mean_hint(similar != context.names.similar.end() ? similar->second
                                                                        : did_you_mean(name.name, candidates));
    }
    if (hint.empty() && context.natives.known(name.name))
        hint = fmt::format("'{0}' is a function: call it with {0}(...)", name.name);
    if (hint.empty()) hint = fmt::format("declare it first: let {} = ...;", name.name);
    report(context, Code::variable_undefined, name.span, fmt::format("unknown name '{}'", name.name), std::move(hint));
}

void unknown_path(UnitContext& context, const ast::Path& path) {
    const auto text = joined(path.segments);
    const auto module = std::string(path.segments.front().name);
    if (context.names.module_of.contains(&path)) return;  // its import failed, which is said there
    if (context.natives.known(text))
        return report(context, Code::module_member_undefined, path.span,
                      fmt::format("'{}' is a function, and this does not call it", text),
                      fmt::format("write {}({})", text, context.natives.find(text, 0) ? "" : "..."));
    const auto near = did_you_mean(text, context.natives.names());
    if (context.natives.is_namespace(module))
        return report(context, Code::module_member_undefined, path.span,
                      fmt::format("the module '{}' has no '{}'", module, path.segments.back().name),
                      near.empty() ? fmt::format("modules of the server hold functions: {}::name()", module)
                                   : fmt::format("did you mean '{}()'?", near));
    const auto import = similar_import(context, module);
    report(context, Code::module_undefined, path.span, fmt::format("unknown module '{}'", module),
           !import.empty() ? did_you_mean_hint(import)
           : near.empty()  ? fmt::format("modules are imported with `import \"path\" as {};`", module)
                           : fmt::format("did you mean '{}()'?", near));
}

void unknown_function(UnitContext& context, const Call& call) {
    const auto name = joined(call.callee);
    if (context.names.module_of.contains(&call)) return;  // its import failed, which is said there
    const auto own = [&](const auto* function) { return function->name == name; };
    const bool qualified = call.callee.size() > 1;
    if (context.natives.known(name) || std::ranges::any_of(context.ast.functions, own)) {
        const auto count = call.args.size();
        return report(context, qualified ? Code::module_member_undefined : Code::function_undefined,
                      span_of(call.callee),
                      fmt::format("{}'{}' does not take {} argument{}", qualified ? "" : "function ", name, count,
                                  count == 1 ? "" : "s"),
                      count_hint(context, name, call));
    }
    if (const auto meanwhile = context.natives.announced(call.callee.front().name); qualified && !meanwhile.empty())
        return report(context, Code::not_available, span_of(call.callee),
                      fmt::format("'{}' is not part of this version", name), std::string(meanwhile));
    const bool known_module = context.natives.is_namespace(call.callee.front().name);
    const auto code = !qualified     ? Code::function_undefined
                      : known_module ? Code::module_member_undefined
                                     : Code::module_undefined;
    report(context, code, span_of(call.callee),
           qualified && !known_module ? fmt::format("unknown module '{}'", call.callee.front().name)
                                      : fmt::format("unknown function '{}'", name),
           function_hint(context, call, name));
}

void unknown_member(UnitContext& context, const Call& call, const Unit& module) {
    const auto name = std::string(call.callee.back().name);
    std::vector<std::string_view> candidates;
    const dsl::Function* same = nullptr;
    for (const auto& function : module.functions) {
        if (function->anonymous || function->index == 0 || function->is_private) continue;
        candidates.push_back(function->name);
        if (function->name == name) same = function.get();
    }
    const auto* hidden = module.find(name, call.args.size());
    if (hidden && hidden->is_private)
        return report(context, Code::module_member_undefined, span_of(call.callee),
                      fmt::format("'{}' is private to its file", joined(call.callee)),
                      "remove `private` there if others may call it");
    const auto near = did_you_mean(name, candidates);
    report(context, Code::module_member_undefined, span_of(call.callee),
           fmt::format("module '{}' has no function '{}' with {} parameter(s)", module.path, name, call.args.size()),
           same           ? fmt::format("'{}' takes {} argument{}", name, same->params, same->params == 1 ? "" : "s")
           : near.empty() ? "a module exposes its functions and what it declares with `export`"
                          : fmt::format("did you mean '{}'?", near));
}

void unknown_member(UnitContext& context, const ast::Path& path, const Unit& module) {
    std::vector<std::string_view> candidates;
    for (const auto& [exported, slot] : module.exports) candidates.push_back(exported);
    const auto name = path.segments.back().name;
    const auto near = did_you_mean(name, candidates);
    const auto function = [&](const auto& f) { return f->name == name && !f->is_private; };
    report(context, Code::module_member_undefined, path.span,
           fmt::format("module '{}' exports no '{}'", module.path, name),
           !near.empty() ? fmt::format("did you mean '{}'?", near)
           : std::ranges::any_of(module.functions, function)
               ? fmt::format("it is a function: call it with {}(...)", joined(path.segments))
               : "a module exposes its functions and what it declares with `export`");
}

}  // namespace sluice::dsl::code
