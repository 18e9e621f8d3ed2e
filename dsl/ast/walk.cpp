#include "dsl/ast/walk.hpp"

#include <algorithm>
#include <vector>

namespace sluice::dsl::ast {

namespace {

void maybe(Node* node, const std::function<void(Node&)>& visit) {
    if (node) visit(*node);
}

void all(Nodes nodes, const std::function<void(Node&)>& visit) {
    for (auto* node : nodes) maybe(node, visit);
}

void statement_children(Node& node, const std::function<void(Node&)>& visit) {
    switch (node.kind) {
        case Kind::let: maybe(as<Let>(node).init, visit); break;
        case Kind::import: maybe(as<Import>(node).path, visit); break;
        case Kind::export_:
            maybe(as<Export>(node).let, visit);
            maybe(as<Export>(node).name, visit);
            break;
        case Kind::break_: maybe(as<Break>(node).value, visit); break;
        case Kind::return_: maybe(as<Return>(node).value, visit); break;
        case Kind::throw_: maybe(as<Throw>(node).value, visit); break;
        case Kind::assign:
            maybe(as<Assign>(node).target, visit);
            maybe(as<Assign>(node).value, visit);
            break;
        case Kind::try_:
            maybe(as<Try>(node).body, visit);
            maybe(as<Try>(node).handler, visit);
            break;
        case Kind::function: maybe(as<Function>(node).body, visit); break;
        default: break;
    }
}

void control_children(Node& node, const std::function<void(Node&)>& visit) {
    switch (node.kind) {
        case Kind::block: all(as<Block>(node).statements, visit); break;
        case Kind::if_:
            maybe(as<If>(node).condition, visit);
            maybe(as<If>(node).then, visit);
            maybe(as<If>(node).otherwise, visit);
            break;
        case Kind::switch_:
            maybe(as<Switch>(node).subject, visit);
            for (const auto& entry : as<Switch>(node).cases) {
                all(entry.labels, visit);
                maybe(entry.guard, visit);
                maybe(entry.body, visit);
            }
            break;
        case Kind::while_:
            maybe(as<While>(node).condition, visit);
            maybe(as<While>(node).body, visit);
            break;
        case Kind::loop: maybe(as<Loop>(node).body, visit); break;
        case Kind::do_:
            maybe(as<Do>(node).body, visit);
            maybe(as<Do>(node).condition, visit);
            break;
        case Kind::for_:
            maybe(as<For>(node).source, visit);
            maybe(as<For>(node).body, visit);
            break;
        default: statement_children(node, visit); break;
    }
}

}  // namespace

void for_each_child(Node& node, const std::function<void(Node&)>& visit) {
    switch (node.kind) {
        case Kind::template_: all(as<Template>(node).parts, visit); break;
        case Kind::array: all(as<Array>(node).items, visit); break;
        case Kind::map:
            for (const auto& entry : as<Map>(node).entries) maybe(entry.value, visit);
            break;
        case Kind::call: all(as<Call>(node).args, visit); break;
        case Kind::closure: maybe(as<Closure>(node).body, visit); break;
        case Kind::directive:
            maybe(as<Directive>(node).service, visit);
            maybe(as<Directive>(node).body, visit);
            break;
        case Kind::index:
            maybe(as<Index>(node).base, visit);
            maybe(as<Index>(node).key, visit);
            break;
        case Kind::property: maybe(as<Property>(node).base, visit); break;
        case Kind::method:
            maybe(as<Method>(node).base, visit);
            all(as<Method>(node).args, visit);
            break;
        case Kind::unary: maybe(as<Unary>(node).operand, visit); break;
        case Kind::binary:
            maybe(as<Binary>(node).left, visit);
            maybe(as<Binary>(node).right, visit);
            break;
        default: control_children(node, visit); break;
    }
}

void for_each_import(Node& node, const std::function<void(Import&)>& visit) {
    std::vector<Node*> waiting{&node};
    while (!waiting.empty()) {
        auto* next = waiting.back();
        waiting.pop_back();
        if (next->kind == Kind::import) {
            visit(as<Import>(*next));
            continue;
        }
        const auto mark = waiting.size();
        for_each_child(*next, [&](Node& child) { waiting.push_back(&child); });
        std::reverse(waiting.begin() + static_cast<std::ptrdiff_t>(mark), waiting.end());
    }
}

}  // namespace sluice::dsl::ast
