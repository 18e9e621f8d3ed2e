// What is known while compiling: literals, containers of literals, constants initialised with them, and operators
// between them. Folding hides no error: what would fail is left to fail where it is reached (vsl-language.md section
// 23, point 16).
#include <array>
#include <span>

#include "dsl/code/emitter.hpp"

namespace sluice::dsl::code {

using namespace ast;

// How deep operators and constants of constants are followed.
constexpr int deepest = 32;

Op arithmetic_op(BinaryOp op) {
    switch (op) {
        case BinaryOp::add: return Op::add;
        case BinaryOp::sub: return Op::sub;
        case BinaryOp::mul: return Op::mul;
        case BinaryOp::div: return Op::div;
        case BinaryOp::mod: return Op::mod;
        case BinaryOp::pow: return Op::pow;
        case BinaryOp::shl: return Op::shl;
        case BinaryOp::shr: return Op::shr;
        case BinaryOp::bit_and: return Op::bit_and;
        case BinaryOp::bit_or: return Op::bit_or;
        case BinaryOp::bit_xor: return Op::bit_xor;
        case BinaryOp::eq: return Op::eq;
        case BinaryOp::ne: return Op::ne;
        case BinaryOp::lt: return Op::lt;
        case BinaryOp::le: return Op::le;
        case BinaryOp::gt: return Op::gt;
        default: return Op::ge;
    }
}

bool Emitter::literal_value(const Node& node, Value& value, int depth) const {
    switch (node.kind) {
        case Kind::unit: value = Value(); return true;
        case Kind::boolean: value = Value::boolean(as<Boolean>(node).value); return true;
        case Kind::integer: value = Value::integer(as<Integer>(node).value); return true;
        case Kind::floating: value = Value::floating(as<Floating>(node).value); return true;
        case Kind::character: value = Value::character(as<Character>(node).value); return true;
        case Kind::string: value = Value::string(as<String>(node).value); return true;
        case Kind::name: return constant_value(as<Name>(node).decl, value, depth);
        case Kind::unary: return folded(as<Unary>(node), value, depth);
        case Kind::binary: return folded(as<Binary>(node), value, depth);
        case Kind::call: return folded(as<Call>(node), value, depth);
        case Kind::array: {
            Values items;
            for (const auto* item : as<Array>(node).items)
                if (!literal_value(*item, items.emplace_back(), depth)) return false;
            value = make_array(std::move(items));
            return true;
        }
        case Kind::map: {
            value = make_map();
            for (const auto& entry : as<Map>(node).entries) {
                Value item;
                if (!literal_value(*entry.value, item, depth)) return false;
                value.as_map().set(entry.key, std::move(item));
            }
            return true;
        }
        default: return false;
    }
}

// All uses of a constant share one value, so that a long list has one index.
bool Emitter::constant_value(const Decl* decl, Value& value, int depth) const {
    if (!decl || depth > deepest) return false;
    const auto& root = check::root_of(*decl);
    if (!root.is_const || !root.initialiser) return false;
    auto known = context_.constants.find(&root);
    if (known == context_.constants.end()) {
        Value found;
        const bool is_known = literal_value(*root.initialiser, found, depth + 1);
        known = context_.constants.try_emplace(&root, std::move(found), is_known).first;
    }
    value = known->second.first;
    return known->second.second;
}

bool Emitter::folded(const Unary& node, Value& value, int depth) const {
    Value operand;
    if (depth > deepest || !literal_value(*node.operand, operand, depth + 1) || operand.on_heap()) return false;
    switch (node.op) {
        case UnaryOp::minus: return !negate(operand, value);
        case UnaryOp::plus: return !unary_plus(operand, value);
        default: return !logical_not(operand, value);
    }
}

// Not what gives a text: its length has a limit that only the run knows. The right operand first, because chains lean
// to the left and most have something else there.
bool Emitter::folded(const Binary& node, Value& value, int depth) const {
    switch (node.op) {
        case BinaryOp::range:
        case BinaryOp::range_inclusive:
        case BinaryOp::coalesce:
        case BinaryOp::in:
        case BinaryOp::not_in:
        case BinaryOp::and_:
        case BinaryOp::or_: return false;
        default: break;
    }
    Value left;
    Value right;
    if (depth > deepest || !literal_value(*node.right, right, depth + 1) || !literal_value(*node.left, left, depth + 1))
        return false;
    const auto scalar = [](const Value& v) { return !v.on_heap() || v.is_string(); };
    if (!scalar(left) || !scalar(right)) return false;
    return !dsl::binary(arithmetic_op(node.op), left, right, value, Limits()) && !value.on_heap() && !value.is_string();
}

// ip4("192.0.2.1"), state::next(): the function itself is asked. What it refuses it shall refuse when it is called.
bool Emitter::folded(const Call& node, Value& value, int depth) const {
    const auto* group = native_of(node);
    if (!group || !(group->flags & NativeFlags::constant) || depth > deepest) return false;
    std::array<Value, Native::max_args> args;
    for (std::size_t i = 0; i < node.args.size(); ++i)
        if (!literal_value(*node.args[i], args[i], depth + 1)) return false;
    std::string why;
    auto known = evaluate_constant(*group, std::span(args).first(node.args.size()), why);
    if (known) value = std::move(*known);
    return known.has_value();
}

void Emitter::literal(Value value, Register to) {
    if (value.is_unit()) {
        emit(Opcode::load_unit, to);
    } else if (value.is_bool()) {
        emit(Opcode::load_bool, to, 0, 0, value.as_bool());
    } else if (value.is_int() && value.as_int() == static_cast<std::int32_t>(value.as_int())) {
        emit_bc(Opcode::load_int, to, static_cast<std::int32_t>(value.as_int()));
    } else {
        emit(Opcode::load_const, to, constant(std::move(value)));
    }
}

}  // namespace sluice::dsl::code
