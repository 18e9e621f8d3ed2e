#include "dsl/ast/checks.hpp"

#include <algorithm>

#include "dsl/ast/walk.hpp"

namespace sluice::dsl::ast {

namespace {

struct Visit {
    const Node* node;
    Place place;
};

Place inside(const Node& parent, const Node& child, Place place) {
    place.global = false;
    switch (parent.kind) {
        case Kind::closure:
        case Kind::function: return {.global = false, .loop = false, .function = true};
        case Kind::while_: place.loop |= &child == as<While>(parent).body; break;
        case Kind::loop: place.loop = true; break;
        case Kind::do_: place.loop |= &child == as<Do>(parent).body; break;
        case Kind::for_: place.loop |= &child == as<For>(parent).body; break;
        default: break;
    }
    return place;
}

void check_node(const Node& n, const Place& place, Report& report) {
    check_place(n, place, report);
    check_duplicates(n, report);
    check_types(n, report);
    if (n.kind == Kind::assign) check_target(as<Assign>(n), report);
    if (n.kind == Kind::switch_) check_switch(as<Switch>(n), report);
}

}  // namespace

void check(const Ast& ast, bool directives, std::vector<Diagnostic>& to) {
    Report report(ast.source(), to);
    check_functions(ast, report);
    std::vector<Visit> waiting;
    for (const Node* n : ast.statements) waiting.push_back({n, {.global = true}});
    for (const Node* n : ast.functions) waiting.push_back({n, {.global = true}});
    while (!waiting.empty()) {
        const Visit current = waiting.back();
        waiting.pop_back();
        check_node(*current.node, current.place, report);
        if (directives && current.node->kind == Kind::array) check_directives(as<Array>(*current.node), report);
        for_each_child(*current.node, [&](const Node& child) {
            waiting.push_back({&child, inside(*current.node, child, current.place)});
        });
    }
}

}  // namespace sluice::dsl::ast
