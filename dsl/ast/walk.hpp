// The children of a node, in source order. Passes over whole trees keep a stack of their own instead of recursing: a
// chain of operators or of `else if` is as deep as the file is long.
#pragma once

#include "dsl/ast/nodes.hpp"

namespace sluice::dsl::ast {

// Calls visit(Node&) for every direct child that exists. Functions (Ast::functions) are nobody's children.
template <class Visit>
void for_each_child(const Node& n, Visit&& visit) {
    const auto one = [&](Node* child) {
        if (child != nullptr) visit(*child);
    };
    const auto all = [&](Nodes children) {
        for (Node* child : children) visit(*child);
    };
    switch (n.kind) {
        case Kind::unit:
        case Kind::boolean:
        case Kind::integer:
        case Kind::floating:
        case Kind::character:
        case Kind::string:
        case Kind::name:
        case Kind::this_:
        case Kind::path:
        case Kind::continue_:
        case Kind::empty: return;
        case Kind::template_: return all(as<Template>(n).parts);
        case Kind::array: return all(as<Array>(n).items);
        case Kind::map:
            for (const auto& entry : as<Map>(n).entries) visit(*entry.value);
            return;
        case Kind::call: return all(as<Call>(n).args);
        case Kind::closure: return one(as<Closure>(n).body);
        case Kind::directive: return one(as<Directive>(n).service), one(as<Directive>(n).body);
        case Kind::index: return one(as<Index>(n).base), one(as<Index>(n).key);
        case Kind::property: return one(as<Property>(n).base);
        case Kind::method: return one(as<Method>(n).base), all(as<Method>(n).args);
        case Kind::unary: return one(as<Unary>(n).operand);
        case Kind::binary: return one(as<Binary>(n).left), one(as<Binary>(n).right);
        case Kind::block: return all(as<Block>(n).statements);
        case Kind::if_: return one(as<If>(n).condition), one(as<If>(n).then), one(as<If>(n).otherwise);
        case Kind::switch_:
            one(as<Switch>(n).subject);
            for (const auto& c : as<Switch>(n).cases) {
                all(c.labels);
                one(c.guard);
                one(c.body);
            }
            return;
        case Kind::while_: return one(as<While>(n).condition), one(as<While>(n).body);
        case Kind::loop: return one(as<Loop>(n).body);
        case Kind::do_: return one(as<Do>(n).body), one(as<Do>(n).condition);
        case Kind::for_: return one(as<For>(n).source), one(as<For>(n).body);
        case Kind::let: return one(as<Let>(n).init);
        case Kind::import: return one(as<Import>(n).path);
        case Kind::export_: return one(as<Export>(n).let), one(as<Export>(n).name);
        case Kind::break_: return one(as<Break>(n).value);
        case Kind::return_: return one(as<Return>(n).value);
        case Kind::throw_: return one(as<Throw>(n).value);
        case Kind::assign: return one(as<Assign>(n).target), one(as<Assign>(n).value);
        case Kind::try_: return one(as<Try>(n).body), one(as<Try>(n).handler);
        case Kind::function: return one(as<Function>(n).body);
    }
}

}  // namespace sluice::dsl::ast
