#include "dsl/code/compiler.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "dsl/ast/walk.hpp"
#include "dsl/check/resolve.hpp"
#include "dsl/code/emitter.hpp"
#include "dsl/code/verifier.hpp"

namespace sluice::dsl::code {

namespace {

class Compiler {
  public:
    Compiler(const CompileOptions& options, Diagnostics& diagnostics) : options_(options), diagnostics_(diagnostics) {}

    std::shared_ptr<Program> run(SourcePtr main) {
        // Others may have put their errors there: all scripts of a configuration share one list.
        const auto before = diagnostics_.errors();
        program_ = std::make_shared<Program>();
        program_->natives = options_.natives;
        for (const auto& path : options_.preload) preload(path);
        program_->main = compile_unit(std::move(main), "", options_.parse);
        if (diagnostics_.errors() != before || !program_->main) return nullptr;
        freeze_constants();
        for (const auto& unit : program_->units) {
            if (const auto problem = verify(*unit); !problem.empty()) {
                diagnostics_.add(Code::bad_bytecode, unit->source, {},
                                 "the compiler produced bytecode it cannot verify: " + problem);
                return nullptr;
            }
        }
        return std::move(program_);
    }

  private:
    // A module that does not compile is only missing, as far as an import with a computed path is concerned.
    void preload(const std::string& path) {
        Diagnostics quiet;
        CompileOptions alone = options_;
        alone.preload.clear();
        alone.trees = nullptr;
        Compiler probe(alone, quiet);
        auto text = options_.loader->load(path);
        if (!text) return;
        auto source = std::make_shared<SourceFile>(path, std::move(*text));
        if (probe.run(source)) (void)import_file(path, source, {}, source);
    }

    const Unit* compile_unit(SourcePtr source, std::string path, const ast::ParseOptions& parse_options) {
        auto ast = ast::parse(source, parse_options, diagnostics_);
        if (!ast) return nullptr;
        auto owned = std::make_unique<Unit>();
        auto& unit = *owned;
        unit.path = std::move(path);
        unit.source = source;
        const bool main = unit.path.empty();
        check::ResolveOptions resolve_options;
        resolve_options.natives = options_.natives;
        resolve_options.strict = options_.strict;
        resolve_options.restrictions = options_.restrictions;
        resolve_options.parse = parse_options;
        if (main) resolve_options.inherited = options_.inherited;
        resolve_options.keep_scope = main && options_.keep_scope;
        const auto names = check::resolve(*ast, resolve_options, diagnostics_);
        UnitContext context{
            unit, *ast, names, *options_.natives, diagnostics_, options_.strict, resolve_options.keep_scope,
            {},   {},   {}};
        link_imports(context);
        declare_functions(context);
        declare_slots(context);
        emit(context);
        if (std::max({unit.functions.size(), unit.qualified.size(), unit.slots.size(), unit.imports.size()}) >= none)
            diagnostics_.add(Code::too_large, source, {},
                             "this file has more than 65534 functions, closures, constants or calls into modules");
        unit.index = static_cast<std::uint16_t>(program_->units.size());
        program_->units.push_back(std::move(owned));
        if (options_.trees) options_.trees->push_back(std::move(ast));
        return &unit;
    }

    // --- imports

    static bool is_literal(const ast::Node& node) {
        switch (node.kind) {
            case ast::Kind::unit:
            case ast::Kind::boolean:
            case ast::Kind::integer:
            case ast::Kind::floating:
            case ast::Kind::character:
            case ast::Kind::array:
            case ast::Kind::map: return true;
            default: return false;
        }
    }

    struct Importing {
        std::string path;
        Importing* outer;
    };

    void link_imports(UnitContext& context) {
        for (auto* statement : context.ast.statements) link_statement(context, *statement, true);
        for (auto* function : context.ast.functions) collect(context, *function->body);
        for (const auto& [call, copy] : context.names.inlined) collect(context, *copy->body);
    }

    void link_statement(UnitContext& context, ast::Node& node, bool top) {
        if (node.kind == ast::Kind::import) {
            auto& import = ast::as<ast::Import>(node);
            link(context, import);
            const auto imported = context.imported.find(&import);
            if (top && !import.alias.empty() && imported != context.imported.end())
                context.unit.submodules[std::string(import.alias)] = imported->second;
            return;
        }
        collect(context, node);
    }

    // Imports inside blocks and functions.
    void collect(UnitContext& context, ast::Node& node) {
        std::vector<ast::Node*> waiting{&node};
        while (!waiting.empty()) {
            auto* next = waiting.back();
            waiting.pop_back();
            if (next->kind == ast::Kind::import)
                link(context, ast::as<ast::Import>(*next));
            else
                ast::for_each_child(*next, [&](ast::Node& child) { waiting.push_back(&child); });
        }
    }

    void link(UnitContext& context, ast::Import& import) {
        if (import.path->kind != ast::Kind::string) {
            // Rules must name their modules; `sluice eval` finds a computed path among those it was given.
            if (is_literal(*import.path) || options_.strict)
                diagnostics_.add(Code::import_not_literal, context.ast.source(), import.path->span,
                                 "import path must be a literal string");
            return;
        }
        const auto written = ast::as<ast::String>(*import.path).value;
        const auto path = resolve_import(options_.base_directory, written);
        context.imported[&import] =
            find_or_import(path.value_or(std::string(written)), context.ast.source(), import.path->span);
        if (!context.imported[&import]) context.imported.erase(&import);
    }

    const Unit* find_or_import(const std::string& path, const SourcePtr& from, Span span) {
        if (const auto* known = program_->find(path)) return known;
        for (const auto* outer = importing_; outer; outer = outer->outer) {
            if (outer->path != path) continue;
            std::string cycle;
            for (const auto* step = importing_; step != outer->outer; step = step->outer)
                cycle = " -> '" + step->path + "'" + cycle;
            diagnostics_.add(Code::import_cycle, from, span, "import cycle:" + cycle.substr(3) + " -> '" + path + "'");
            return nullptr;
        }
        auto text = options_.loader ? options_.loader->load(path) : std::nullopt;
        if (!text) {
            const auto name = stem(path);
            if (const auto meanwhile = options_.natives->announced(name); !meanwhile.empty()) {
                diagnostics_.add(Code::not_available, from, span,
                                 fmt::format("the plugin '{}' is not part of this version", name),
                                 std::string(meanwhile));
                return nullptr;
            }
            diagnostics_.add(Code::module_not_found, from, span, "module '" + path + "' not found",
                             not_found_hint(path));
            return nullptr;
        }
        return import_file(path, from, span, std::make_shared<SourceFile>(path, std::move(*text)));
    }

    static std::string stem(const std::string& path) {
        const auto name = path.substr(path.rfind('/') + 1);
        return name.substr(0, name.rfind('.'));
    }

    std::string not_found_hint(const std::string& path) const {
        std::vector<std::string> stems;
        if (options_.loader)
            for (const auto& other : options_.loader->beside(path)) stems.push_back(stem(other));
        const auto near = did_you_mean(stem(path), {stems.begin(), stems.end()});
        return near.empty() ? "paths start at the directory of the root configuration; the extension is always .vsl"
                            : "did you mean '" + near + "'?";
    }

    const Unit* import_file(const std::string& path, const SourcePtr& from, Span span, SourcePtr source) {
        if (const auto* known = program_->find(path)) return known;
        if (program_->units.size() >= options_.max_modules) {
            diagnostics_.add(Code::too_many_modules, from, span);
            return nullptr;
        }
        Importing here{path, importing_};
        importing_ = &here;
        auto parse = options_.parse;
        parse.expression_only = false;
        const auto* unit = compile_unit(std::move(source), path, parse);
        importing_ = here.outer;
        return unit;
    }

    // --- one unit

    static void declare_functions(UnitContext& context) {
        auto& unit = context.unit;
        auto top = std::make_unique<Function>();
        top->unit = &unit;
        top->name = unit.path.empty() ? "script" : unit.path;
        unit.functions.push_back(std::move(top));
        for (const auto* source : context.ast.functions) {
            auto function = std::make_unique<Function>();
            function->unit = &unit;
            function->index = static_cast<std::uint16_t>(unit.functions.size());
            function->name = source->name;
            function->params = static_cast<std::uint8_t>(source->params.size());
            function->is_private = source->is_private;
            function->span = source->span;
            unit.functions.push_back(std::move(function));
        }
    }

    // Constants and exports get their slots before any function is emitted.
    static void declare_slots(UnitContext& context) {
        for (const auto* decl : context.names.top_level) {
            if (decl->is_global_const) context.slot(decl->name, context.unit.globals);
            if (context.keep_scope) context.slot(kept_name(*decl), context.unit.globals);
        }
        for (auto* node : context.ast.statements) {
            if (node->kind != ast::Kind::export_) continue;
            const auto& exported = ast::as<ast::Export>(*node);
            const auto name = exported.let             ? exported.let->decl->name
                              : exported.alias.empty() ? exported.name->name
                                                       : exported.alias;
            context.slot(name, context.unit.exports);
        }
    }

    static void emit(UnitContext& context) {
        auto& unit = context.unit;
        Emitter(context, *unit.functions[0]).top_level();
        for (std::size_t i = 0; i < context.ast.functions.size(); ++i)
            Emitter(context, *unit.functions[i + 1]).function(*context.ast.functions[i]);
        while (!context.closures.empty()) {
            const auto [source, function] = context.closures.back();
            context.closures.pop_back();
            Emitter(context, *function).closure(*source);
        }
    }

    void freeze_constants() {
        for (const auto& unit : program_->units) {
            for (const auto& function : unit->functions) {
                for (auto& value : function->constants) program_->frozen.freeze(value);
                for (auto& site : function->methods) program_->frozen.freeze(site.name);
                for (auto& site : function->properties) program_->frozen.freeze(site.name);
            }
        }
    }

    const CompileOptions& options_;
    Diagnostics& diagnostics_;
    std::shared_ptr<Program> program_;
    Importing* importing_ = nullptr;
};

}  // namespace

std::shared_ptr<Program> compile(SourcePtr main, const CompileOptions& options, Diagnostics& diagnostics) {
    return Compiler(options, diagnostics).run(std::move(main));
}

}  // namespace sluice::dsl::code
