#include "dsl/lsp/workspace.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "dsl/ast/parse.hpp"
#include "dsl/ast/walk.hpp"
#include "dsl/code/compiler.hpp"
#include "dsl/diag/render.hpp"
#include "dsl/host/host.hpp"
#include "dsl/host/rule_script.hpp"
#include "dsl/lint/lint.hpp"
#include "dsl/source/import_path.hpp"

namespace sluice::dsl::lsp {

namespace fs = std::filesystem;

namespace {

void print_nowhere(void*, std::string_view) {}

std::shared_ptr<const Script> parse(std::string name, std::string text, const NativeTable& natives) {
    Diagnostics ignored;
    auto script = std::make_shared<Script>();
    script->tree = ast::parse(std::make_shared<SourceFile>(std::move(name), std::move(text)), {}, ignored);
    if (!script->tree) return nullptr;
    check::ResolveOptions options;
    options.natives = &natives;
    options.strict = true;
    script->names = check::resolve(*script->tree, options, ignored);
    return script;
}

// A script that was broken when it was opened: what remains of it without the lines that are wrong.
std::shared_ptr<const Script> parse_in_part(const std::string& name, std::string text, const NativeTable& natives) {
    constexpr int attempts = 8;
    for (int i = 0; i < attempts; ++i) {
        if (auto script = parse(name, text, natives)) return script;
        Diagnostics found;
        (void)ast::parse(std::make_shared<SourceFile>(name, text), {}, found);
        if (found.all().empty()) break;
        auto at = std::min<std::size_t>(found.all().front().span.begin, text.size());
        // Where a line is not finished, the error shows at the beginning of the next one.
        const auto line_before = at == 0 ? std::string::npos : text.find_last_not_of(" \t\r", at - 1);
        if (line_before != std::string::npos && text[line_before] == '\n') {
            const auto last = text.find_last_not_of(" \t\r\n", line_before);
            const bool unfinished =
                last != std::string::npos && std::string_view(";,{}[]").find(text[last]) == std::string_view::npos;
            if (unfinished) at = last;
        }
        const auto begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
        const auto end = std::min(text.find('\n', at), text.size());
        if (text.find_first_not_of(" \t\r", begin) >= end) break;
        for (auto c = begin; c < end; ++c)
            if (text[c] != '\r') text[c] = ' ';
    }
    return nullptr;
}

bool defines_configuration(const ast::Ast& tree) {
    return std::ranges::any_of(tree.functions, [](const ast::Function* function) {
        return function->name == "on_config" || function->name == "on_domain_config";
    });
}

bool ends_in_map(const ast::Ast& tree) {
    return !tree.statements.empty() && tree.statements.back()->kind == ast::Kind::map;
}

std::string string_literal(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        if (c == '\n' || c == '\r')
            result += c == '\n' ? "\\n" : "\\r";
        else
            result += c;
    }
    return result + '"';
}

}  // namespace

std::optional<std::string> Workspace::Loader::load(const std::string& path) {
    for (const auto& [uri, open] : workspace_.open_)
        if (open.document->path() == path) return std::string(open.document->text());
    return files_.load(path);
}

std::vector<std::string> Workspace::Loader::beside(const std::string& path) const { return files_.beside(path); }

Document& Workspace::open(std::string uri, std::string text) {
    auto& open = open_[uri];
    open = {};
    open.document = std::make_unique<Document>(std::move(uri), std::move(text));
    changed(*open.document);
    return *open.document;
}

void Workspace::close(const std::string& uri) { open_.erase(uri); }

Document* Workspace::find(const std::string& uri) {
    const auto found = open_.find(uri);
    return found == open_.end() ? nullptr : found->second.document.get();
}

std::vector<Document*> Workspace::documents() {
    std::vector<Document*> all;
    for (const auto& [uri, open] : open_) all.push_back(open.document.get());
    return all;
}

void Workspace::changed(const Document& document) {
    auto& open = open_.at(document.uri());
    auto script = parse(document.path(), std::string(document.text()), natives(document));
    open.current = script != nullptr;
    if (!script && !open.last) script = parse_in_part(document.path(), std::string(document.text()), natives(document));
    if (script) open.last = std::move(script);
}

const Script* Workspace::script(const Document& document) const { return open_.at(document.uri()).last.get(); }

bool Workspace::is_current(const Document& document) const { return open_.at(document.uri()).current; }

// A script without a map of stages at its end is there to be imported, if its name is none that the server looks for.
ScriptKind Workspace::kind(const Document& document) const {
    const fs::path path = document.path();
    const auto name = path.filename().string();
    if (name.ends_with(".test.vsl")) return ScriptKind::tests;
    const auto* script = open_.at(document.uri()).last.get();
    if (script && defines_configuration(*script->tree)) return ScriptKind::configuration;
    for (const auto* rules : {"filter.vsl", "incoming.vsl", "outgoing.vsl", "internal.vsl"})
        if (name == rules) return ScriptKind::rules;
    for (const auto* configuration : {"sluice.vsl", "vsmtp.vsl", "config.vsl"})
        if (name == configuration) return ScriptKind::configuration;
    if (path.parent_path().filename() == "conf.d") return ScriptKind::configuration;
    return !script || ends_in_map(*script->tree) ? ScriptKind::rules : ScriptKind::module;
}

const NativeTable& Workspace::natives(const Document& document) const {
    switch (kind(document)) {
        case ScriptKind::configuration: return configuration_library();
        case ScriptKind::tests: return test_library_;
        case ScriptKind::rules:
        case ScriptKind::module: break;
    }
    return rule_library();
}

// Imports start at the directory of the root configuration; in a text that lies below none, at the opened folder.
std::string Workspace::root_of(const std::string& path) const {
    const auto folder = std::ranges::find_if(folders_, [&](const auto& f) { return path.starts_with(f + "/"); });
    if (!path.starts_with('/')) return folders_.empty() ? "/" : folders_.front();
    std::error_code ignored;
    for (auto at = fs::path(path).parent_path();; at = at.parent_path()) {
        if (fs::is_directory(at / "conf.d", ignored) || fs::exists(at / "sluice.vsl", ignored) ||
            fs::exists(at / "vsmtp.vsl", ignored))
            return at.string();
        if (at == at.parent_path()) break;
    }
    return folder != folders_.end() ? *folder : fs::path(path).parent_path().string();
}

std::string Workspace::import_target(const Document& document, std::string_view written) const {
    return resolve_import(root_of(document.path()), written).value_or("");
}

std::shared_ptr<const Script> Workspace::module(const std::string& path) {
    for (const auto& [uri, open] : open_)
        if (open.document->path() == path) return open.last;
    auto text = loader_.load(path);
    return text ? parse(path, std::move(*text), rule_library()) : nullptr;
}

bool Workspace::imports(const Document& document) const {
    const auto* known = script(document);
    if (!known) return false;
    std::vector<const ast::Node*> waiting(known->tree->statements.begin(), known->tree->statements.end());
    for (const auto* function : known->tree->functions) waiting.push_back(function->body);
    while (!waiting.empty()) {
        const auto* next = waiting.back();
        waiting.pop_back();
        if (next->kind == ast::Kind::import) return true;
        ast::for_each_child(*next, [&](const ast::Node& child) { waiting.push_back(&child); });
    }
    return false;
}

void Workspace::check_rules(const Document& document, const std::string& root, Diagnostics& found) {
    Trees trees;
    RuleScriptOptions options{.base_directory = root, .loader = &loader_, .printer = print_nowhere, .trees = &trees};
    const auto source = std::make_shared<SourceFile>(document.path(), std::string(document.text()));
    if (const auto script = RuleScript::load(source, options, found)) lint::rules(*script, trees, found);
}

std::string Workspace::uri_of(const std::string& path) const {
    for (const auto& [uri, open] : open_)
        if (open.document->path() == path) return uri;
    return uri_of_path(path);
}

// A module is checked as `sluice check` does it: by way of a script that imports it.
void Workspace::check_module(const Document& document, const std::string& root, Diagnostics& found) {
    Trees trees;
    RuleScriptOptions options{.base_directory = root, .loader = &loader_, .printer = print_nowhere, .trees = &trees};
    const auto importing = fmt::format("import {} as module_under_check;\n#{{}}\n", string_literal(document.path()));
    const auto source = std::make_shared<SourceFile>("", importing);
    Diagnostics all;
    if (const auto script = RuleScript::load(source, options, all)) lint::rules(*script, trees, all);
    for (const auto& diagnostic : all.all())
        if (!diagnostic.source || !diagnostic.source->name().empty()) found.add(diagnostic);
}

// Configuration and tests: compiled, not run.
void Workspace::check_alone(const Document& document, const std::string& root, Diagnostics& found) {
    code::CompileOptions options;
    options.natives = &natives(document);
    options.strict = true;
    options.loader = &loader_;
    options.base_directory = root;
    (void)code::compile(std::make_shared<SourceFile>(document.path(), std::string(document.text())), options, found);
}

Problem Workspace::problem_of(const Document& document, const Diagnostic& diagnostic) const {
    Problem problem;
    const auto& code = info(diagnostic.code);
    problem.code = code.code;
    problem.severity = code.severity;
    problem.message = message_of(diagnostic);
    problem.hint = hint_of(diagnostic);
    if (!diagnostic.source) return problem;
    if (diagnostic.source->name() == document.path()) {
        problem.range = document.range(diagnostic.span);
        return problem;
    }
    // In a module: told where this script imports it, or at its beginning if another module does.
    const auto text = diagnostic.source->text();
    const auto at = diagnostic.source->position(diagnostic.span.begin);
    problem.other_file = diagnostic.source->name();
    problem.other_range = Lines(text).range(text, diagnostic.span);
    problem.message = fmt::format("{}:{}:{}: {}", problem.other_file, at.line, at.column, problem.message);
    const auto* known = script(document);
    if (!known || !is_current(document)) return problem;
    for (const auto* statement : known->tree->statements) {
        if (statement->kind != ast::Kind::import) continue;
        const auto& path = *ast::as<ast::Import>(*statement).path;
        if (path.kind == ast::Kind::string &&
            import_target(document, ast::as<ast::String>(path).value) == problem.other_file)
            problem.range = document.range(path.span);
    }
    return problem;
}

std::vector<Problem> Workspace::problems(const Document& document, bool saved) {
    Diagnostics found;
    const auto root = root_of(document.path());
    const auto what = kind(document);
    if (what == ScriptKind::rules)
        check_rules(document, root, found);
    else if (what == ScriptKind::module && document.path().starts_with('/') && document.path().ends_with(".vsl"))
        check_module(document, root, found);
    else if (what == ScriptKind::module)
        (void)ast::parse(std::make_shared<SourceFile>(document.path(), std::string(document.text())), {}, found);
    else
        check_alone(document, root, found);
    found.remove_repeated();
    std::vector<Problem> problems;
    for (const auto& diagnostic : found.all()) {
        const bool elsewhere = diagnostic.source && diagnostic.source->name() != document.path();
        if (elsewhere && info(diagnostic.code).severity != Severity::error) continue;  // it shows in its own script
        problems.push_back(problem_of(document, diagnostic));
    }
    if (what == ScriptKind::configuration && saved && problems.empty() && saved_check_)
        problems = saved_check_(root, document);
    return problems;
}

}  // namespace sluice::dsl::lsp
