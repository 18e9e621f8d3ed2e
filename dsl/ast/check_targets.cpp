// Assignment targets (vsl-language.md section 12): a variable, or a path of elements and properties that starts at a
// variable or `this` and has no call in it. Whether a variable is constant is for the resolver.
#include <fmt/format.h>

#include "dsl/ast/checks.hpp"
#include "dsl/ast/operators.hpp"

namespace sluice::dsl::ast {

namespace {

void report_root(const Assign& assign, const Node& root, Report& report) {
    const bool whole = assign.target == &root;
    const bool compare = assign.op == AssignOp::set;  // likely meant: `==`
    switch (root.kind) {
        case Kind::name:
        case Kind::this_:
        case Kind::path: return;
        case Kind::method:
        case Kind::call:
            if (whole)
                report(Code::assignment_to_call, root.span);
            else
                report(Code::assignment_through_call, root.span);
            return;
        default: break;
    }
    if (whole && is_constant(root)) {
        report(Code::assignment_to_literal, root.span, fmt::format("{} cannot be assigned", literal_kind(root)),
               compare ? "" : "assign to a variable, a property or an element");
    } else if (whole && root.kind == Kind::binary) {
        const auto& b = as<Binary>(root);
        const bool logical = b.op == BinaryOp::and_ || b.op == BinaryOp::or_;
        report(Code::assignment_to_expression, root.span,
               fmt::format("the result of `{}` cannot be assigned", info(b.op).text),
               logical && compare ? "use == to compare" : "");
    } else {
        report(Code::assignment_to_expression, root.span,
               whole ? "" : "an assignment must start at a variable or `this`, not at a temporary value");
    }
}

}  // namespace

void check_target(const Assign& n, Report& report) {
    const Node* step = n.target;
    while (step->kind == Kind::index || step->kind == Kind::property) {
        step = step->kind == Kind::index ? as<Index>(*step).base : as<Property>(*step).base;
    }
    report_root(n, *step, report);
}

}  // namespace sluice::dsl::ast
