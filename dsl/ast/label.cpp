#include "dsl/ast/label.hpp"

#include <limits>

namespace sluice::dsl::ast {

namespace {

Node* fold_sign(Ast& ast, Unary& unary) {
    if (unary.op == UnaryOp::not_) return &unary;
    Node* operand = fold_label(ast, unary.operand);
    const bool minus = unary.op == UnaryOp::minus;
    const auto floating = [&](double value) {
        auto* made = ast.make<Floating>();
        made->kind = Kind::floating;
        made->span = unary.span;
        made->value = value;
        return made;
    };
    if (operand->kind == Kind::floating) {
        const double value = as<Floating>(*operand).value;
        return floating(minus ? -value : value);
    }
    if (operand->kind != Kind::integer) return &unary;
    const std::int64_t value = as<Integer>(*operand).value;
    if (minus && value == std::numeric_limits<std::int64_t>::min()) return floating(-static_cast<double>(value));
    auto* made = ast.make<Integer>();
    made->kind = Kind::integer;
    made->span = unary.span;
    made->value = minus ? -value : value;
    return made;
}

}  // namespace

// Recursion is bounded: labels nest no deeper than expressions may.
Node* fold_label(Ast& ast, Node* label) {
    switch (label->kind) {
        case Kind::unary: return fold_sign(ast, as<Unary>(*label));
        case Kind::array:
            for (Node*& item : as<Array>(*label).items) item = fold_label(ast, item);
            return label;
        case Kind::map:
            for (auto& entry : as<Map>(*label).entries) entry.value = fold_label(ast, entry.value);
            return label;
        case Kind::binary: {
            auto& b = as<Binary>(*label);
            // Only signs: the left side may be a chain of any length.
            if (b.left->kind == Kind::unary) b.left = fold_label(ast, b.left);
            if (b.right->kind == Kind::unary) b.right = fold_label(ast, b.right);
            return label;
        }
        default: return label;
    }
}

}  // namespace sluice::dsl::ast
