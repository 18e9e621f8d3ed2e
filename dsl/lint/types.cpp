#include "dsl/lint/types.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/host/host.hpp"

namespace sluice::dsl::lint {

using namespace ast;

namespace {

std::string_view result_of(std::string_view name) {
    if (name.starts_with("state::")) return "status";
    if (name.starts_with("code::")) return "code";
    if (name.starts_with("obj::")) name.remove_prefix(5);
    static constexpr std::pair<std::string_view, std::string_view> known[] = {
#define SLUICE_RESULT(name, type) {name, type},
#include "dsl/lint/result_types.def"
#undef SLUICE_RESULT
    };
    const auto* found = std::ranges::find(known, name, &std::pair<std::string_view, std::string_view>::first);
    return found == std::end(known) ? std::string_view() : found->second;
}

bool is_number(std::string_view type) { return type == "i64" || type == "f64"; }
bool is_text(std::string_view type) { return type == "string" || type == "char"; }

bool in(std::string_view type, std::initializer_list<std::string_view> types) {
    return std::ranges::find(types, type) != types.end();
}
bool is_known(std::string_view type) {
    return in(type, {"bool", "i64", "f64", "char", "string", "array", "map", "range", "Fn", "status", "code", "address",
                     "fqdn", "ip4", "ip6", "rg4", "rg6", "regex", "identifier"});
}
bool has_a_text(std::string_view object) {
    return in(object, {"address", "fqdn", "ip4", "ip6", "regex", "identifier"});
}

}  // namespace

std::string_view Types::of(const Node& node, int depth) const {
    if (depth == 0) return {};
    switch (node.kind) {
        case Kind::boolean: return "bool";
        case Kind::integer: return "i64";
        case Kind::floating: return "f64";
        case Kind::character: return "char";
        case Kind::string:
        case Kind::template_: return "string";
        case Kind::array: return "array";
        case Kind::map: return "map";
        case Kind::closure: return "Fn";
        case Kind::name: {
            const auto* init = literals_.initialiser(as<Name>(node));
            return init ? of(*init, depth - 1) : std::string_view();
        }
        case Kind::call: return call(as<Call>(node));
        case Kind::method: return method(as<Method>(node));
        case Kind::property: {
            const auto& property = as<Property>(node);
            if (of(*property.base, depth - 1) != "address") return {};
            return property.name == "domain" ? "fqdn" : property.name == "local_part" ? "string" : std::string_view();
        }
        case Kind::unary: return as<Unary>(node).op == UnaryOp::not_ ? "bool" : of(*as<Unary>(node).operand, depth - 1);
        case Kind::binary: return binary(as<Binary>(node), depth);
        default: return {};
    }
}

std::string_view Types::call(const Call& node) const {
    const auto name = literals_.native_name(node);
    if (name.empty()) return {};
    const auto* group = literals_.natives().find(name, node.args.size());
    if (const auto* host = host_function(*group)) {
        // Facts that may be missing are () then.
        return host->doc.find("or ()") == std::string_view::npos ? host->result : std::string_view();
    }
    return result_of(name);
}

// The method may be a function of the script, with the receiver as its `this`.
std::string_view Types::method(const Method& node) const {
    const auto receiver = of(*node.base, 4);
    if (receiver.empty() || receiver == "map") return {};  // a map may hold a function of that name
    if (node.null_safe || !literals_.natives().find(node.name, node.args.size() + 1)) return {};
    return literals_.defines(node.name) ? std::string_view() : result_of(node.name);
}

std::string_view Types::binary(const Binary& node, int depth) const {
    switch (node.op) {
        case BinaryOp::eq:
        case BinaryOp::ne:
        case BinaryOp::lt:
        case BinaryOp::le:
        case BinaryOp::gt:
        case BinaryOp::ge:
        case BinaryOp::in:
        case BinaryOp::not_in:
        case BinaryOp::and_:
        case BinaryOp::or_: return "bool";
        case BinaryOp::range:
        case BinaryOp::range_inclusive: return "range";
        case BinaryOp::add:
        case BinaryOp::sub:
        case BinaryOp::mul:
        case BinaryOp::div:
        case BinaryOp::mod: {
            const auto left = of(*node.left, depth - 1);
            const auto right = of(*node.right, depth - 1);
            if (left == "string" && right == "string" && node.op == BinaryOp::add) return left;
            return left == "i64" && right == "i64" ? left : std::string_view();
        }
        default: return {};
    }
}

bool can_be_equal(std::string_view a, std::string_view b) {
    if (!is_known(a) || !is_known(b) || a == b) return true;
    if (is_number(a) || is_number(b)) return is_number(a) && is_number(b);
    if (is_text(a) && is_text(b)) return true;
    if (a == "regex" || b == "regex") return is_text(a) || is_text(b) || (has_a_text(a) && has_a_text(b));
    if (a == "string" || b == "string") return has_a_text(a == "string" ? b : a);
    return false;
}

bool have_an_order(std::string_view a, std::string_view b) {
    if (!is_known(a) || !is_known(b)) return true;
    return (is_number(a) && is_number(b)) || (is_text(a) && is_text(b)) || (a == "bool" && b == "bool");
}

std::string with_article(std::string_view type) {
    if (type == "i64") return "an integer";
    if (type == "f64") return "a floating-point number";
    if (type == "Fn") return "a function";
    if (type == "char") return "a character";
    if (type == "fqdn") return "a domain name (fqdn)";
    if (type == "ip4" || type == "ip6") return fmt::format("an IP address ({})", type);
    if (type == "rg4" || type == "rg6") return fmt::format("an address range ({})", type);
    const bool vowel = std::string_view("aeiou").find(type.front()) != std::string_view::npos;
    return fmt::format("{} {}", vowel ? "an" : "a", type);
}

}  // namespace sluice::dsl::lint
