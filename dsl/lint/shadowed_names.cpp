// W0101: a variable that hides another one of the same function, of what surrounds its closure, or a parameter.
#include <fmt/format.h>

#include <unordered_map>

#include "dsl/lint/lints.hpp"

namespace sluice::dsl::lint {

using namespace ast;

namespace {

// Visits in the order in which names become visible; keeps a stack of its own instead of recursing.
class Scopes {
  public:
    explicit Scopes(const File& file) : file_(file) {}

    void top_level() {
        scopes_.emplace_back();
        walk([&] { later_all(file_.tree.statements); });
    }

    void function(const ast::Function& function) {
        scopes_.emplace_back();
        for (const auto* param : function.params) declare(param);
        walk([&] { later(function.body); });
    }

  private:
    struct Step {
        enum class What { visit, open, close, declare } what;
        const Node* node = nullptr;
        const Decl* decl = nullptr;
    };

    // Steps are pushed last first.
    void later(const Node* node) {
        if (node) steps_.push_back({Step::What::visit, node});
    }
    void later_all(Nodes nodes) {
        for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) later(*node);
    }
    void later_declare(const Decl* decl) {
        if (decl) steps_.push_back({Step::What::declare, nullptr, decl});
    }
    void later_open() { steps_.push_back({Step::What::open}); }
    void later_close() { steps_.push_back({Step::What::close}); }

    template <class First>
    void walk(First&& first) {
        first();
        while (!steps_.empty()) {
            const auto step = steps_.back();
            steps_.pop_back();
            switch (step.what) {
                case Step::What::open: scopes_.emplace_back(); break;
                case Step::What::close: close(); break;
                case Step::What::declare: declare(step.decl); break;
                case Step::What::visit: visit(*step.node); break;
            }
        }
    }

    void visit(const Node& node) {
        switch (node.kind) {
            case Kind::block:
                later_close();
                later_all(as<Block>(node).statements);
                later_open();
                break;
            case Kind::closure: {
                const auto& closure = as<Closure>(node);
                later_close();
                later(closure.body);
                for (auto param = closure.params.rbegin(); param != closure.params.rend(); ++param)
                    later_declare(*param);
                later_open();
                break;
            }
            case Kind::for_:
                later_close();
                later(as<For>(node).body);
                later_declare(as<For>(node).counter);
                later_declare(as<For>(node).item);
                later_open();
                later(as<For>(node).source);
                break;
            case Kind::try_:
                later_close();
                later(as<Try>(node).handler);
                later_declare(as<Try>(node).error);
                later_open();
                later(as<Try>(node).body);
                break;
            case Kind::let:
                later_declare(as<Let>(node).decl);
                later(as<Let>(node).init);
                break;
            default: {
                const auto first = static_cast<std::ptrdiff_t>(steps_.size());
                for_each_child(node, [&](const Node& child) { later(&child); });
                std::reverse(steps_.begin() + first, steps_.end());
            }
        }
    }

    void declare(const Decl* decl) {
        auto& same = visible_[decl->name];
        if (!same.empty() && !decl->name.starts_with('_')) hides(*decl, *same.back());
        same.push_back(decl);
        scopes_.back().push_back(decl);
    }

    void close() {
        for (const auto* decl : scopes_.back()) visible_[decl->name].pop_back();
        scopes_.pop_back();
    }

    void hides(const Decl& decl, const Decl& other) {
        file_.warn(
            Code::shadowed_name, decl.span,
            fmt::format("'{}' hides the {} of the same name in line {}", decl.name,
                        other.is_const ? "constant" : "variable", file_.tree.source()->position(other.span.begin).line),
            fmt::format("give it another name; to change the first one write {} = ... without `let`", decl.name));
    }

    const File& file_;
    std::vector<Step> steps_;
    std::vector<std::vector<const Decl*>> scopes_;
    std::unordered_map<std::string_view, std::vector<const Decl*>> visible_;  // innermost last
};

}  // namespace

void shadowed_names(const File& file) {
    Scopes(file).top_level();
    for (const auto* function : file.tree.functions) Scopes(file).function(*function);
}

}  // namespace sluice::dsl::lint
