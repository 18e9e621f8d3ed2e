// W0102: a condition that is always true or always false. Named constants are not looked through: they are switches.
#include <fmt/format.h>

#include <optional>

#include "dsl/ast/operators.hpp"
#include "dsl/lint/lints.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::lint {

using namespace ast;

namespace {

class Conditions {
  public:
    explicit Conditions(const File& file) : file_(file) {}

    void condition(const Node& node, std::string_view hint_if_true = {}) const {
        const auto truth = value(node, 16);
        if (!truth) return;
        std::string hint;
        if (*truth && !hint_if_true.empty()) hint = hint_if_true;
        if (hint.empty()) hint = mixed_up(node);
        if (hint.empty())
            hint =
                *truth ? "keep what follows and remove the condition" : "what depends on it never happens: remove it";
        file_.warn(Code::constant_condition, node.span,
                   fmt::format("this condition is always {}", *truth ? "true" : "false"), std::move(hint));
    }

  private:
    std::optional<bool> value(const Node& node, int depth) const {
        if (depth == 0) return std::nullopt;
        if (node.kind == Kind::boolean) return as<Boolean>(node).value;
        if (node.kind == Kind::unary && as<Unary>(node).op == UnaryOp::not_) {
            const auto operand = value(*as<Unary>(node).operand, depth - 1);
            return operand ? std::optional(!*operand) : std::nullopt;
        }
        if (node.kind != Kind::binary) return std::nullopt;
        const auto& binary = as<Binary>(node);
        if (binary.op == BinaryOp::and_ || binary.op == BinaryOp::or_) return connected(binary, depth);
        return compared(binary);
    }

    std::optional<bool> connected(const Binary& node, int depth) const {
        const bool deciding = node.op == BinaryOp::or_;  // one `true` decides ||, one `false` decides &&
        const auto left = value(*node.left, depth - 1);
        const auto right = value(*node.right, depth - 1);
        if ((left && *left == deciding) || (right && *right == deciding)) return deciding;
        if (left && right) return !deciding;
        return excludes_itself(node) ? std::optional(deciding) : std::nullopt;
    }

    std::optional<bool> compared(const Binary& node) const {
        const bool equality = node.op == BinaryOp::eq || node.op == BinaryOp::ne;
        const bool order =
            node.op == BinaryOp::lt || node.op == BinaryOp::le || node.op == BinaryOp::gt || node.op == BinaryOp::ge;
        if (!equality && !order) return std::nullopt;
        if (same_variable(*node.left, *node.right) && file_.types.of(*node.left) != "f64")
            return node.op == BinaryOp::eq || node.op == BinaryOp::le || node.op == BinaryOp::ge;
        if (!equality || !is_literal(*node.left) || !is_literal(*node.right)) return std::nullopt;
        const auto left = file_.literals.value(*node.left);
        const auto right = file_.literals.value(*node.right);
        bool same = false;
        if (!left || !right || equal(*left, *right, same)) return std::nullopt;
        return same == (node.op == BinaryOp::eq);
    }

    static bool is_literal(const Node& node) {
        return node.kind == Kind::boolean || node.kind == Kind::integer || node.kind == Kind::floating ||
               node.kind == Kind::string || node.kind == Kind::character;
    }

    static bool same_variable(const Node& a, const Node& b) {
        return a.kind == Kind::name && b.kind == Kind::name && as<Name>(a).decl && as<Name>(a).decl == as<Name>(b).decl;
    }

    // x != "a" || x != "b", and x == "a" && x == "b".
    bool excludes_itself(const Binary& node) const {
        const auto wanted = node.op == BinaryOp::or_ ? BinaryOp::ne : BinaryOp::eq;
        if (node.left->kind != Kind::binary || node.right->kind != Kind::binary) return false;
        const auto& left = as<Binary>(*node.left);
        const auto& right = as<Binary>(*node.right);
        if (left.op != wanted || right.op != wanted) return false;
        if (!is_literal(*left.right) || !is_literal(*right.right)) return false;
        if (file_.text(left.left->span) != file_.text(right.left->span)) return false;
        const auto one = file_.literals.value(*left.right);
        const auto other = file_.literals.value(*right.right);
        bool same = true;
        return one && other && one->type() == other->type() && !equal(*one, *other, same) && !same;
    }

    std::string mixed_up(const Node& node) const {
        if (node.kind != Kind::binary || !excludes_itself(as<Binary>(node))) return {};
        const auto& left = as<Binary>(*as<Binary>(node).left);
        const auto subject = file_.text(left.left->span);
        const auto first = file_.text(left.right->span);
        const auto second = file_.text(as<Binary>(*as<Binary>(node).right).right->span);
        return as<Binary>(node).op == BinaryOp::or_
                   ? fmt::format("one of the two always holds; write !({} in [{}, {}])", subject, first, second)
                   : fmt::format("both cannot hold at once; write {} in [{}, {}]", subject, first, second);
    }

    const File& file_;
};

}  // namespace

void constant_conditions(const File& file) {
    const Conditions conditions(file);
    for_each_node(file.tree, [&](const Node& node) {
        switch (node.kind) {
            case Kind::if_: conditions.condition(*as<If>(node).condition); break;
            case Kind::while_:
                conditions.condition(*as<While>(node).condition, "an endless loop is written loop { ... }");
                break;
            case Kind::do_: conditions.condition(*as<Do>(node).condition); break;
            case Kind::switch_:
                for (const auto& entry : as<Switch>(node).cases)
                    if (entry.guard) conditions.condition(*entry.guard);
                break;
            default: break;
        }
    });
}

}  // namespace sluice::dsl::lint
