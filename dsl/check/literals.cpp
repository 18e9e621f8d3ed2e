#include "dsl/check/literals.hpp"

#include "dsl/check/resolve.hpp"

namespace sluice::dsl::check {

namespace {

using namespace ast;

constexpr int max_depth = 16;  // of calls in calls and of names for names

}  // namespace

Literals::Literals(const Ast& ast, const NativeTable& natives) : natives_(natives) {
    for (const auto* statement : ast.statements)
        if (statement->kind == Kind::import) aliases_.insert(as<Import>(*statement).alias);
    for (const auto* function : ast.functions) functions_[function->name].insert(function->params.size());
}

std::string Literals::native_name(const Call& call) const {
    auto name = joined(call.callee);
    if (aliases_.contains(call.callee.front().name)) return {};
    const auto own = functions_.find(name);
    if (own != functions_.end() && own->second.contains(call.args.size())) return {};
    return natives_.find(name, call.args.size()) ? name : std::string();
}

const Node* Literals::initialiser(const Name& name) const {
    if (!name.decl) return nullptr;
    const auto& root = root_of(*name.decl);
    return root.mutated ? nullptr : root.initialiser;
}

std::optional<Value> Literals::value(const Node& node, std::optional<Failure>* failure) const {
    return value(node, failure, max_depth);
}

std::optional<Value> Literals::value(const Node& node, std::optional<Failure>* failure, int depth) const {
    if (depth == 0) return std::nullopt;
    switch (node.kind) {
        case Kind::unit: return Value();
        case Kind::boolean: return Value::boolean(as<Boolean>(node).value);
        case Kind::integer: return Value::integer(as<Integer>(node).value);
        case Kind::floating: return Value::floating(as<Floating>(node).value);
        case Kind::character: return Value::character(as<Character>(node).value);
        case Kind::string: return Value::string(as<String>(node).value);
        case Kind::name: {
            const auto* init = initialiser(as<Name>(node));
            // What fails where the variable is declared is said there.
            return init ? value(*init, nullptr, depth - 1) : std::nullopt;
        }
        case Kind::call: return call(as<Call>(node), failure, depth);
        default: return std::nullopt;
    }
}

std::optional<Value> Literals::call(const Call& node, std::optional<Failure>* failure, int depth) const {
    const auto name = native_name(node);
    const auto* group = name.empty() ? nullptr : natives_.find(name, node.args.size());
    if (!group || !(group->flags & constant)) return std::nullopt;
    std::vector<Value> args;
    for (const auto* arg : node.args) {
        auto known = value(*arg, failure, depth - 1);
        if (!known) return std::nullopt;
        args.push_back(std::move(*known));
    }
    std::string why;
    auto result = evaluate_constant(*group, args, why);
    if (!why.empty() && failure && !*failure) *failure = Failure{&node, std::move(why)};
    return result;
}

}  // namespace sluice::dsl::check
