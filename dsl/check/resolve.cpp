#include "dsl/check/resolve.hpp"

#include <algorithm>

namespace sluice::dsl::check {

namespace {

using namespace ast;

struct Binding {
    std::string_view name;
    Decl* decl = nullptr;  // null: a module alias
    const Import* import = nullptr;
};
using Scope = std::vector<Binding>;

// A function, a closure, or the top level.
struct Context {
    Context* parent = nullptr;  // closures see their surroundings, functions do not
    Closure* closure = nullptr;
    std::vector<Scope> scopes;
    std::vector<Capture> captures;
};

class Resolver {
  public:
    Resolver(Ast& ast, const ResolveOptions& options, Diagnostics& diagnostics)
        : ast_(ast), options_(options), diagnostics_(diagnostics) {}

    Resolution run() {
        Context outside;
        outside.scopes.emplace_back();
        for (const auto& [name, constant] : options_.inherited) {
            auto* decl = ast_.make<Decl>();
            decl->name = name;
            decl->is_const = constant;
            decl->captured = decl->mutated = true;
            outside.scopes.back().push_back({decl->name, decl});
        }
        Context top;
        top.parent = options_.inherited.empty() ? nullptr : &outside;
        top_ = &top;
        context_ = &top;
        top.scopes.emplace_back();
        for (auto* statement : ast_.statements) visit(statement);
        finish_top_level(top);
        if (const auto most = options_.restrictions.max_functions; most != 0 && ast_.functions.size() > most)
            diagnostics_.add(Code::too_many_functions, ast_.source(), ast_.functions[most]->span);
        result_.inherited = top.captures;
        for (auto* function : ast_.functions) visit_function(*function, top);
        return std::move(result_);
    }

  private:
    void finish_top_level(Context& top) {
        for (const auto& binding : top.scopes.front()) {
            if (!binding.decl) continue;
            result_.top_level.push_back(binding.decl);
            if (options_.keep_scope) binding.decl->captured = binding.decl->mutated = true;
        }
    }

    // Imports of the top level are visible in functions; its variables are not.
    void visit_function(ast::Function& function, const Context& top) {
        Context context;
        context.scopes.emplace_back();
        for (const auto& binding : top.scopes.front())
            if (binding.import && !result_.dynamic_imports.contains(binding.import))
                context.scopes.front().push_back(binding);
        context.scopes.emplace_back();
        context_ = &context;
        for (auto* param : function.params) declare(param);
        visit_block(*function.body);
        context_ = nullptr;
    }

    void declare(Decl* decl) {
        const auto& limits = options_.restrictions;
        if (!limits.shadowing && find_in(*context_, decl->name, false) &&
            find_in(*context_, decl->name, false)->decl != decl)
            diagnostics_.add(Code::variable_exists, ast_.source(), decl->span,
                             "there is a variable '" + std::string(decl->name) + "' already");
        if (limits.max_variables != 0) {
            std::size_t visible = 0;
            for (const auto& scope : context_->scopes)
                visible += static_cast<std::size_t>(
                    std::count_if(scope.begin(), scope.end(), [](const Binding& b) { return b.decl != nullptr; }));
            if (visible >= limits.max_variables) diagnostics_.add(Code::too_many_names, ast_.source(), decl->span);
        }
        context_->scopes.back().push_back({decl->name, decl});
    }

    // --- lookups

    Binding* find_in(Context& context, std::string_view name, bool module) {
        for (auto scope = context.scopes.rbegin(); scope != context.scopes.rend(); ++scope)
            for (auto binding = scope->rbegin(); binding != scope->rend(); ++binding)
                if (binding->name == name && (binding->import != nullptr) == module) return &*binding;
        return nullptr;
    }

    Decl* lookup(Context& context, std::string_view name) {
        if (auto* binding = find_in(context, name, false)) return binding->decl;
        if (!context.parent) return nullptr;
        auto* outer = lookup(*context.parent, name);
        return outer ? capture(context, outer) : nullptr;
    }

    Decl* capture(Context& context, Decl* outer) {
        for (const auto& known : context.captures)
            if (known.outer == outer) return known.inner;
        auto* inner = ast_.make<Decl>();
        inner->name = outer->name;
        inner->span = outer->span;
        inner->is_const = outer->is_const;
        inner->origin = outer;
        const_cast<Decl&>(root_of(*outer)).captured = true;
        context.captures.push_back({outer, inner});
        return inner;
    }

    const Import* lookup_module(Context& context, std::string_view name) {
        if (auto* binding = find_in(context, name, true)) return binding->import;
        const auto* outer = context.parent ? lookup_module(*context.parent, name) : nullptr;
        return outer && !result_.dynamic_imports.contains(outer) ? outer : nullptr;  // found at run time: local only
    }

    static void mark_mutated(Decl* decl) {
        if (decl) const_cast<Decl&>(root_of(*decl)).mutated = true;
    }

    bool is_function(std::string_view name) const {
        return std::any_of(ast_.functions.begin(), ast_.functions.end(),
                           [&](const auto* f) { return f->name == name; });
    }
    bool is_function(std::string_view name, std::size_t params) const {
        return std::any_of(ast_.functions.begin(), ast_.functions.end(),
                           [&](const auto* f) { return f->name == name && f->params.size() == params; });
    }

    // Root variable of a path of indices and properties, or null.
    static Name* path_root(Node* node) {
        for (;;) {
            switch (node->kind) {
                case Kind::index: node = as<Index>(*node).base; break;
                case Kind::property: node = as<Property>(*node).base; break;
                case Kind::name: return &as<Name>(*node);
                default: return nullptr;
            }
        }
    }

    // --- expressions

    void visit(Node* node) {
        if (!node) return;
        switch (node->kind) {
            case Kind::template_:
                for (auto* part : as<Template>(*node).parts) visit(part);
                break;
            case Kind::array:
                for (auto* item : as<ast::Array>(*node).items) visit(item);
                break;
            case Kind::map:
                for (auto& entry : as<ast::Map>(*node).entries) visit(entry.value);
                break;
            case Kind::name: visit_name(as<Name>(*node)); break;
            case Kind::path: visit_path(as<Path>(*node)); break;
            case Kind::call: visit_call(as<Call>(*node)); break;
            case Kind::closure: visit_closure(as<Closure>(*node)); break;
            case Kind::directive:
                visit(as<Directive>(*node).service);
                visit(as<Directive>(*node).body);
                break;
            case Kind::index:
            case Kind::property:
            case Kind::method: visit_chain(node); break;
            case Kind::unary: visit(as<Unary>(*node).operand); break;
            case Kind::binary: visit_binary(as<Binary>(*node)); break;
            default: visit_control(node); break;
        }
    }

    void visit_name(Name& name) {
        name.decl = lookup(*context_, name.name);
        if (name.decl || is_function(name.name)) return;
        std::vector<std::string_view> visible;
        for (auto* context = context_; context; context = context->parent)
            for (const auto& scope : context->scopes)
                for (const auto& binding : scope)
                    if (binding.decl) visible.push_back(binding.name);
        if (auto near = did_you_mean(name.name, visible); !near.empty())
            result_.similar.emplace(&name, std::move(near));
        for (auto* context = context_; context && context->closure; context = context->parent)
            result_.missing[context->closure].push_back(&name);
    }

    void visit_path(const Path& path) {
        if (const auto* import = lookup_module(*context_, path.segments.front().name)) note_module(path, import);
    }

    // A module held by a variable is captured like one.
    void note_module(const Node& node, const Import* import) { result_.module_of[&node] = import; }

    void visit_call(Call& call) {
        if (call.callee.size() > 1) {
            if (const auto* import = lookup_module(*context_, call.callee.front().name)) note_module(call, import);
        } else if (call.callee.front().name == "is_def_var" && call.args.size() == 1 &&
                   call.args.front()->kind == Kind::string) {
            const auto name = as<String>(*call.args.front()).value;
            result_.variable_defined[&call] = find_in(*context_, name, false) != nullptr;
            return;
        }
        for (auto* arg : call.args) visit(arg);
        if (call.caller_scope) {
            visit_caller_scope(call);
            return;
        }
        if (call.callee.size() == 1 && !call.args.empty() && call.args.front()->kind == Kind::name) {
            const auto* native = options_.natives->find(call.callee.front().name, call.args.size());
            if (native && (native->flags & mutates) && !is_function(call.callee.front().name, call.args.size()))
                mark_mutated(as<Name>(*call.args.front()).decl);
        }
    }

    // f!(…): the body of f stands here, in a scope of its own inside the caller's (vsl-language.md section 10). Names
    // differ from call to call, so each one gets a tree of its own.
    void visit_caller_scope(Call& call) {
        if (options_.strict) {
            diagnostics_.add(Code::caller_scope_call, ast_.source(), call.span);
            return;
        }
        const auto same = [&](const ast::Function* f) {
            return f->name == call.callee.front().name && f->params.size() == call.args.size();
        };
        const auto at = std::find_if(ast_.functions.begin(), ast_.functions.end(), same);
        if (at == ast_.functions.end()) return;  // an ordinary call of a host function, or of nothing
        if (inlining_ == max_inlining || result_.copies.size() == max_copies) {
            if (!refused_) diagnostics_.add(Code::caller_scope_recursion, ast_.source(), call.span);
            refused_ = true;
            return;
        }
        Diagnostics quiet;  // the file was parsed before
        auto copy = ast::parse(ast_.source(), options_.parse, quiet);
        if (!copy) return;
        auto& function = *copy->functions[static_cast<std::size_t>(at - ast_.functions.begin())];
        result_.copies.push_back(std::move(copy));
        result_.inlined[&call] = &function;
        ++inlining_;
        context_->scopes.emplace_back();
        for (auto* param : function.params) declare(param);
        visit_block(*function.body);
        context_->scopes.pop_back();
        --inlining_;
    }

    // Long chains of suffixes lean to the left: walked in a loop, innermost base first.
    void visit_chain(Node* node) {
        std::vector<Node*> steps;
        while (node->kind == Kind::index || node->kind == Kind::property || node->kind == Kind::method) {
            steps.push_back(node);
            node = node->kind == Kind::index      ? as<Index>(*node).base
                   : node->kind == Kind::property ? as<Property>(*node).base
                                                  : as<Method>(*node).base;
        }
        visit(node);
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
            if ((*step)->kind == Kind::index) visit(as<Index>(**step).key);
            if ((*step)->kind == Kind::method) visit_method(as<Method>(**step));
        }
    }

    void visit_method(Method& method) {
        for (auto* arg : method.args) visit(arg);
        const auto* native = options_.natives->find(method.name, method.args.size() + 1);
        const bool known_pure = native && !(native->flags & mutates) && !is_function(method.name, method.args.size());
        if (known_pure || method.name == "type_of" || method.name == "curry" || method.name == "is_shared") return;
        if (auto* root = path_root(method.base)) mark_mutated(root->decl);
    }

    void visit_binary(Binary& binary) {
        std::vector<Binary*> spine;
        Node* node = &binary;
        while (node->kind == Kind::binary) {
            spine.push_back(&as<Binary>(*node));
            node = as<Binary>(*node).left;
        }
        visit(node);
        for (auto at = spine.rbegin(); at != spine.rend(); ++at) visit((*at)->right);
    }

    void visit_closure(Closure& closure) {
        Context context;
        context.parent = context_;
        context.closure = &closure;
        context.scopes.emplace_back();
        context_ = &context;
        for (auto* param : closure.params) declare(param);
        visit(closure.body);
        context_ = context.parent;
        closure.captures = ast_.list<Capture>(context.captures);
    }

    // --- statements

    void visit_control(Node* node) {
        switch (node->kind) {
            case Kind::block: visit_block(as<Block>(*node)); break;
            case Kind::if_: visit_if(as<If>(*node)); break;
            case Kind::switch_: visit_switch(as<Switch>(*node)); break;
            case Kind::while_:
                visit(as<While>(*node).condition);
                visit(as<While>(*node).body);
                break;
            case Kind::loop: visit(as<Loop>(*node).body); break;
            case Kind::do_:
                visit(as<Do>(*node).body);
                visit(as<Do>(*node).condition);
                break;
            case Kind::for_: visit_for(as<For>(*node)); break;
            case Kind::let: visit_let(as<Let>(*node)); break;
            case Kind::import: visit_import(as<Import>(*node)); break;
            case Kind::export_:
                visit(as<Export>(*node).let);
                if (as<Export>(*node).name) visit_name(*as<Export>(*node).name);
                break;
            case Kind::break_: visit(as<Break>(*node).value); break;
            case Kind::return_: visit(as<Return>(*node).value); break;
            case Kind::throw_: visit(as<Throw>(*node).value); break;
            case Kind::assign: visit_assign(as<Assign>(*node)); break;
            case Kind::try_: visit_try(as<Try>(*node)); break;
            default: break;
        }
    }

    void visit_block(const Block& block) {
        context_->scopes.emplace_back();
        for (auto* statement : block.statements) visit(statement);
        context_->scopes.pop_back();
    }

    void visit_if(If& first) {
        for (auto* node = &first; node;) {
            visit(node->condition);
            visit(node->then);
            if (node->otherwise && node->otherwise->kind == Kind::if_) {
                node = &as<If>(*node->otherwise);
            } else {
                visit(node->otherwise);
                node = nullptr;
            }
        }
    }

    void visit_switch(const Switch& node) {
        visit(node.subject);
        for (const auto& entry : node.cases) {
            context_->scopes.emplace_back();
            visit(entry.guard);
            visit(entry.body);
            context_->scopes.pop_back();
        }
    }

    void visit_for(For& node) {
        visit(node.source);
        context_->scopes.emplace_back();
        for (auto* decl : {node.item, node.counter}) {
            if (!decl) continue;
            decl->mutated = true;  // by the loop itself: one variable for all iterations
            declare(decl);
        }
        visit(node.body);
        context_->scopes.pop_back();
    }

    void visit_let(Let& let) {
        let.decl->initialiser = let.init;
        if (context_ == top_ && context_->scopes.size() == 1 && let.decl->is_const) let.decl->is_global_const = true;
        if (let.init && let.init->kind == Kind::closure && !lookup(*context_, let.decl->name) &&
            !is_function(let.decl->name)) {
            // A closure may recurse through the variable that holds it.
            declare(let.decl);
            visit(let.init);
            if (let.decl->captured) let.decl->mutated = true;
            return;
        }
        visit(let.init);
        declare(let.decl);
    }

    void visit_import(Import& import) {
        visit(import.path);
        if (import.alias.empty()) return;
        if (import.path->kind != Kind::string) {
            auto* decl = ast_.make<Decl>();
            decl->span = import.alias_span;
            result_.dynamic_imports[&import] = decl;
        }
        context_->scopes.back().push_back({import.alias, nullptr, &import});
    }

    void visit_assign(Assign& assign) {
        visit(assign.value);
        visit(assign.target);
        auto* root = path_root(assign.target);
        if (!root || !root->decl) return;
        if (root->decl->is_const && assign.target->kind == Kind::name) {
            diagnostics_.add(Code::assignment_to_constant, ast_.source(), assign.target->span,
                             "'" + std::string(root->name) + "' is a constant and cannot be assigned",
                             "declare it with `let` if it must change");
            return;
        }
        mark_mutated(root->decl);
    }

    void visit_try(const Try& node) {
        visit(node.body);
        context_->scopes.emplace_back();
        if (node.error) declare(node.error);
        visit(node.handler);
        context_->scopes.pop_back();
    }

    Ast& ast_;
    const ResolveOptions& options_;
    Diagnostics& diagnostics_;
    Resolution result_;
    Context* context_ = nullptr;
    Context* top_ = nullptr;
    static constexpr int max_inlining = 16;
    static constexpr std::size_t max_copies = 256;
    int inlining_ = 0;
    bool refused_ = false;
};

}  // namespace

Resolution resolve(Ast& ast, const ResolveOptions& options, Diagnostics& diagnostics) {
    return Resolver(ast, options, diagnostics).run();
}

}  // namespace sluice::dsl::check
