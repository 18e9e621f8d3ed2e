#include <fmt/format.h>

#include "dsl/ast/checks.hpp"

namespace sluice::dsl::ast {

namespace {

bool is_range_label(const Node& n) {
    if (n.kind != Kind::binary) return false;
    const auto& b = as<Binary>(n);
    const bool range = b.op == BinaryOp::range || b.op == BinaryOp::range_inclusive;
    return range && b.left->kind == Kind::integer && b.right->kind == Kind::integer;
}

void check_label(const Node& label, bool& ranges, Report& report) {
    if (is_range_label(label)) {
        ranges = true;
    } else if (!is_constant(label)) {
        report(Code::switch_label_not_literal, label.span);
    } else if (ranges && (label.kind == Kind::integer || label.kind == Kind::floating)) {
        report(Code::switch_number_after_range, label.span);
    }
}

}  // namespace

void check_switch(const Switch& n, Report& report) {
    bool ranges = false;
    for (const auto& c : n.cases) {
        if (c.labels.empty()) {
            if (&c != &n.cases.back()) report(Code::switch_default_not_last, c.span);
            if (c.guard != nullptr) report(Code::switch_default_guard, c.guard->span);
        }
        for (const Node* label : c.labels) check_label(*label, ranges, report);
    }
}

}  // namespace sluice::dsl::ast
