#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "dsl/host/host.hpp"
#include "dsl/lsp/cursor.hpp"
#include "dsl/lsp/features.hpp"
#include "dsl/lsp/library.hpp"
#include "dsl/lsp/symbols.hpp"
#include "grammar/vsl/words.hpp"

namespace sluice::dsl::lsp {

namespace {

class Completion {
  public:
    Completion(Workspace& workspace, const Document& document, Place place)
        : workspace_(workspace),
          document_(document),
          offset_(document.offset(place)),
          cursor_(cursor_at(document.text(), offset_)),
          script_(workspace.script(document)),
          natives_(workspace.natives(document)) {}

    std::vector<Item> run() {
        if (cursor_.where != Surroundings::code || declares()) return {};
        if (!cursor_.qualifier.empty() || cursor_.before == "::")
            after_module();
        else if (cursor_.member)
            after_dot();
        else if (is_stage_key())
            stages();
        else
            anything();
        return std::move(items_);
    }

  private:
    // A name of one's own is written here.
    [[nodiscard]] bool declares() const {
        for (const auto* word : {"let", "const", "fn", "as"})
            if (cursor_.before == word) return true;
        return false;
    }

    // Directly inside the map that stands alone at the end of the script.
    [[nodiscard]] bool is_stage_key() const {
        const auto text = document_.text();
        if (cursor_.open.size() != 1 || (cursor_.before != "#{" && cursor_.before != ",")) return false;
        const auto bracket = cursor_.open[0].span;
        if (text.substr(bracket.begin, bracket.end - bracket.begin) != "#{") return false;
        const auto before = cursor_at(text, bracket.begin).before;
        return before.empty() || before == ";" || before == "}";
    }

    void add(std::string_view label, ItemKind kind, std::string detail = {}, std::string documentation = {}) {
        if (known_.insert(std::string(label)).second)
            items_.push_back({std::string(label), kind, std::move(detail), std::move(documentation)});
    }

    void add_native(std::string_view full, std::string_view label, ItemKind kind) {
        const auto groups = groups_of(natives_, full);
        const auto all = signatures(groups);
        add(label, kind, all.substr(0, all.find('\n')), describe_library(groups));
    }

    void add_function(const ast::Ast& tree, const ast::Function& function, ItemKind kind) {
        add(function.name, kind, signature(function), comment_above(tree, function.span));
    }

    void after_module() {
        std::string full;
        for (const auto& segment : cursor_.qualifier) full += segment + "::";
        for (const auto name : natives_.names()) {
            if (!name.starts_with(full) || full.empty()) continue;
            const auto rest = name.substr(full.size());
            const auto next = rest.find("::");
            if (next == rest.npos)
                add_native(name, rest, ItemKind::function);
            else
                add(rest.substr(0, next), ItemKind::module, "module of the library");
        }
        if (!script_ || cursor_.qualifier.size() != 1) return;
        if (full == "global::")
            for (const auto& variable : variables_of(*script_->tree))
                if (variable.top_level && variable.decl->is_const)
                    add(variable.decl->name, ItemKind::constant, "constant");
        const auto* import = import_of(*script_->tree, cursor_.qualifier[0]);
        if (!import || import->path->kind != ast::Kind::string) return;
        const auto module =
            workspace_.module(workspace_.import_target(document_, ast::as<ast::String>(*import->path).value));
        if (module) members(*module->tree);
    }

    void members(const ast::Ast& tree) {
        for (const auto* function : tree.functions)
            if (!function->is_private) add_function(tree, *function, ItemKind::function);
        for (const auto* statement : tree.statements) {
            if (statement->kind != ast::Kind::export_) continue;
            const auto& exported = ast::as<ast::Export>(*statement);
            const auto name = exported.let             ? exported.let->decl->name
                              : exported.alias.empty() ? exported.name->name
                                                       : exported.alias;
            add(name, ItemKind::constant, std::string(tree.source()->text(exported.span)));
        }
    }

    void after_dot() {
        for (const auto name : natives_.names()) {
            if (!grammar::vsl::is_word_start(name.front()) || name.find("::") != name.npos) continue;
            const auto groups = groups_of(natives_, name);
            const bool method = std::ranges::any_of(groups, [](const auto* group) { return group->count != 0; });
            const bool field = std::ranges::any_of(groups, [](const auto* g) { return (g->flags & property) != 0; });
            if (method) add_native(name, name, field ? ItemKind::property : ItemKind::method);
        }
        if (!script_) return;
        for (const auto* function : script_->tree->functions) add_function(*script_->tree, *function, ItemKind::method);
    }

    void stages() {
        std::set<std::string_view> there;
        if (script_ && !script_->tree->statements.empty())
            if (const auto* last = script_->tree->statements.back(); last->kind == ast::Kind::map)
                for (const auto& entry : ast::as<ast::Map>(*last).entries)
                    if (entry.key != cursor_.name) there.insert(entry.key);
        for (std::size_t i = 0; i < stage_count; ++i) {
            const auto name = to_string(static_cast<Stage>(i));
            if (!there.contains(name)) add(name, ItemKind::stage, "stage of the SMTP dialogue");
        }
    }

    // Offsets of a tree that is older than the text mean little: then every variable counts.
    void variables() {
        const bool exact = workspace_.is_current(document_);
        auto all = variables_of(*script_->tree);
        std::ranges::reverse(all);
        for (const auto& variable : all) {
            const bool visible = variable.scope.begin <= offset_ && offset_ <= variable.scope.end;
            if (exact && !visible) continue;
            const bool constant = variable.decl->is_const;
            add(variable.decl->name, constant ? ItemKind::constant : ItemKind::variable,
                constant                                   ? "constant"
                : variable.kind == VariableKind::parameter ? "parameter"
                                                           : "variable");
        }
    }

    void anything() {
        if (script_) {
            variables();
            for (const auto* function : script_->tree->functions)
                add_function(*script_->tree, *function, ItemKind::function);
            for_each_import(*script_->tree, [&](const ast::Import& import) {
                if (!import.alias.empty())
                    add(import.alias, ItemKind::module, std::string(script_->tree->source()->text(import.span)));
            });
        }
        if (workspace_.kind(document_) != ScriptKind::configuration)
            for (const auto* directive : {"rule", "action", "delegate"})
                add(directive, ItemKind::keyword, fmt::format("{} \"name\" || ...", directive));
        for (const auto name : natives_.names()) {
            const auto end = name.find("::");
            if (end != name.npos)
                add(name.substr(0, end), ItemKind::module, "module of the library");
            else if (grammar::vsl::is_word_start(name.front()))
                add_native(name, name, ItemKind::function);
        }
        using grammar::vsl::WordClass;
        for (const auto& word : grammar::vsl::words)
            if (word.word_class != WordClass::reserved && word.word_class != WordClass::disabled)
                add(word.text, ItemKind::keyword);
    }

    Workspace& workspace_;
    const Document& document_;
    std::uint32_t offset_;
    Cursor cursor_;
    const Script* script_;
    const NativeTable& natives_;
    std::vector<Item> items_;
    std::set<std::string> known_;
};

}  // namespace

std::vector<Item> completion(Workspace& workspace, const Document& document, Place place) {
    return Completion(workspace, document, place).run();
}

}  // namespace sluice::dsl::lsp
