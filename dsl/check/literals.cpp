#include "dsl/check/literals.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/ast/walk.hpp"
#include "dsl/check/resolve.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::check {

namespace {

using namespace ast;

constexpr int max_depth = 16;  // of calls in calls and of names for names

// Their results depend on nothing but their arguments.
bool makes_a_value(std::string_view name) {
    static constexpr std::string_view names[] = {"ip4",  "ip6",   "rg4",        "rg6",  "address",
                                                 "fqdn", "regex", "identifier", "code", "deny"};
    if (name.starts_with("state::") || name.starts_with("code::")) return true;
    if (name.starts_with("obj::")) name.remove_prefix(5);
    return std::ranges::find(names, name) != std::end(names);
}

std::string types_of(const std::vector<Value>& args) {
    std::string text;
    for (const auto& arg : args) text += (text.empty() ? "" : ", ") + std::string(type_name(arg));
    return text;
}

}  // namespace

Literals::Literals(const Ast& ast, const NativeTable& natives) : natives_(natives) {
    std::vector<const Node*> waiting;
    for (const auto* statement : ast.statements) {
        waiting.push_back(statement);
        if (statement->kind == Kind::import) aliases_.insert(as<Import>(*statement).alias);
    }
    for (const auto* function : ast.functions) {
        waiting.push_back(function);
        functions_[function->name].insert(function->params.size());
    }
    while (!waiting.empty()) {
        const auto* next = waiting.back();
        waiting.pop_back();
        if (next->kind == Kind::let && as<Let>(*next).init) initialisers_[as<Let>(*next).decl] = as<Let>(*next).init;
        for_each_child(*next, [&](const Node& child) { waiting.push_back(&child); });
    }
}

std::string Literals::native_name(const Call& call) const {
    std::string name;
    for (const auto& segment : call.callee) name += (name.empty() ? "" : "::") + std::string(segment.name);
    if (aliases_.contains(call.callee.front().name)) return {};
    const auto own = functions_.find(name);
    if (own != functions_.end() && own->second.contains(call.args.size())) return {};
    return natives_.find(name, call.args.size()) ? name : std::string();
}

const Node* Literals::initialiser(const Name& name) const {
    if (!name.decl) return nullptr;
    const auto& root = root_of(*name.decl);
    const auto found = initialisers_.find(&root);
    return root.mutated || found == initialisers_.end() ? nullptr : found->second;
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
    if (!makes_a_value(name) || node.args.size() > Native::max_args) return std::nullopt;
    std::vector<Value> args;
    for (const auto* arg : node.args) {
        auto known = value(*arg, failure, depth - 1);
        if (!known) return std::nullopt;
        args.push_back(std::move(*known));
    }
    const auto fail = [&](std::string why) -> std::optional<Value> {
        if (failure && !*failure) *failure = Failure{&node, std::move(why)};
        return std::nullopt;
    };
    const auto* native = natives_.find(name, args.size())->select(args.data());
    if (!native) return fail(fmt::format("'{}' does not take ({})", name, types_of(args)));
    Value result;
    const Limits limits;
    NativeCall about{
        args.data(), static_cast<std::uint32_t>(args.size()), result, limits, nullptr, native->data, nullptr, nullptr};
    switch (native->fn(about)) {
        case Outcome::done: return result;
        case Outcome::error: return fail(about.error->message);
        default: return std::nullopt;
    }
}

}  // namespace sluice::dsl::check
