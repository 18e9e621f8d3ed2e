// Which variables a closure captures: the names that its body uses and does not declare itself (section 11).
#include <algorithm>

#include "dsl/ast/walk.hpp"
#include "tests/reference/evaluator.hpp"

namespace sluice::reference {

namespace {

class Walker {
  public:
    explicit Walker(const std::function<bool(const std::string&)>& visible_outside)
        : visible_outside_(visible_outside) {}

    void walk(const ast::Node& node) {
        using ast::as;
        using ast::Kind;
        switch (node.kind) {
            case Kind::name: use(as<ast::Name>(node).name); return;
            case Kind::closure: {
                Mark scope(*this);
                for (const auto* param : as<ast::Closure>(node).params) declare(param->name);
                walk(*as<ast::Closure>(node).body);
                return;
            }
            case Kind::block: {
                Mark scope(*this);
                for (const auto* statement : as<ast::Block>(node).statements) walk(*statement);
                return;
            }
            case Kind::switch_:
                walk(*as<ast::Switch>(node).subject);
                for (const auto& entry : as<ast::Switch>(node).cases) {
                    Mark scope(*this);
                    if (entry.guard) walk(*entry.guard);
                    walk(*entry.body);
                }
                return;
            case Kind::for_: walk_for(as<ast::For>(node)); return;
            case Kind::let: walk_let(as<ast::Let>(node)); return;
            case Kind::assign:
                walk(*as<ast::Assign>(node).value);
                walk(*as<ast::Assign>(node).target);
                return;
            case Kind::try_: {
                walk(*as<ast::Try>(node).body);
                Mark scope(*this);
                if (as<ast::Try>(node).error) declare(as<ast::Try>(node).error->name);
                walk(*as<ast::Try>(node).handler);
                return;
            }
            case Kind::call:
                if (as<ast::Call>(node).callee.front().name == "is_def_var") return;
                [[fallthrough]];
            default: ast::for_each_child(node, [&](const ast::Node& child) { walk(child); });
        }
    }

    std::vector<std::string> free;

  private:
    struct Mark {
        explicit Mark(Walker& w) : walker(w), size(w.declared_.size()) {}
        ~Mark() { walker.declared_.resize(size); }
        Walker& walker;
        std::size_t size;
    };

    void walk_for(const ast::For& node) {
        walk(*node.source);
        Mark scope(*this);
        declare(node.item->name);
        if (node.counter) declare(node.counter->name);
        walk(*node.body);
    }

    // A closure may name the variable that will hold it, if nothing else has that name: then it is the variable.
    void walk_let(const ast::Let& node) {
        const bool first = node.init && node.init->kind == ast::Kind::closure && !declared(node.decl->name) &&
                           !visible_outside_(std::string(node.decl->name));
        if (first) declare(node.decl->name);
        if (node.init) walk(*node.init);
        if (!first) declare(node.decl->name);
    }

    void declare(std::string_view name) { declared_.emplace_back(name); }
    void use(std::string_view name) {
        if (declared(name)) return;
        for (const auto& known : free)
            if (known == name) return;
        free.emplace_back(name);
    }

    [[nodiscard]] bool declared(std::string_view name) const {
        return std::find(declared_.begin(), declared_.end(), name) != declared_.end();
    }

    std::vector<std::string> declared_;
    const std::function<bool(const std::string&)>& visible_outside_;
};

}  // namespace

std::vector<std::string> free_names(const ast::Closure& closure,
                                    const std::function<bool(const std::string&)>& visible_outside) {
    Walker walker(visible_outside);
    walker.walk(closure);
    return std::move(walker.free);
}

}  // namespace sluice::reference
