#include "dsl/code/emitter.hpp"
#include "dsl/code/unknown_names.hpp"

namespace sluice::dsl::code {

using namespace ast;

namespace {

// Evaluating this changes no variable: it only reads.
bool reads_only(const Node& node) {
    if (is_scalar_literal(node.kind)) return true;
    switch (node.kind) {
        case Kind::name:
        case Kind::this_:
        case Kind::path:
        case Kind::closure: return true;
        case Kind::unary: return reads_only(*as<Unary>(node).operand);
        case Kind::property: return reads_only(*as<Property>(node).base);
        case Kind::index: return reads_only(*as<Index>(node).base) && reads_only(*as<Index>(node).key);
        default: return false;
    }
}

Opcode opcode(Op op) { return static_cast<Opcode>(static_cast<int>(Opcode::add) + static_cast<int>(op)); }

// The variant with a constant on the right, where there is one.
bool constant_opcode(Op op, Opcode& result) {
    switch (op) {
        case Op::add: result = Opcode::add_const; return true;
        case Op::sub: result = Opcode::sub_const; return true;
        case Op::mul: result = Opcode::mul_const; return true;
        case Op::mod: result = Opcode::mod_const; return true;
        case Op::eq: result = Opcode::eq_const; return true;
        case Op::ne: result = Opcode::ne_const; return true;
        case Op::lt: result = Opcode::lt_const; return true;
        case Op::le: result = Opcode::le_const; return true;
        case Op::gt: result = Opcode::gt_const; return true;
        case Op::ge: result = Opcode::ge_const; return true;
        default: return false;
    }
}

bool is_comparison(const Node& node) {
    if (node.kind != Kind::binary) return false;
    switch (as<Binary>(node).op) {
        case BinaryOp::lt:
        case BinaryOp::le:
        case BinaryOp::gt:
        case BinaryOp::ge:
        case BinaryOp::eq:
        case BinaryOp::ne:
        case BinaryOp::in:
        case BinaryOp::not_in:
        case BinaryOp::and_:
        case BinaryOp::or_: return true;
        default: return false;
    }
}

}  // namespace

void Emitter::into(Node& node, Register to) {
    const auto outer = offset_;
    offset_ = node.span.begin;
    switch (node.kind) {
        case Kind::unit:
        case Kind::boolean:
        case Kind::integer:
        case Kind::floating:
        case Kind::character:
        case Kind::string: {
            Value value;
            if (literal_value(node, value)) literal(std::move(value), to);
            break;
        }
        case Kind::template_: template_(as<Template>(node), to); break;
        case Kind::array: array(as<Array>(node), to); break;
        case Kind::map: map(as<Map>(node), to); break;
        case Kind::name: name(as<Name>(node), to); break;
        case Kind::this_: emit(Opcode::get_this, to); break;
        case Kind::path: path(as<ast::Path>(node), to); break;
        case Kind::call: call(as<Call>(node), to); break;
        case Kind::closure: closure_value(as<Closure>(node), to); break;
        case Kind::directive: directive(as<Directive>(node), to); break;
        case Kind::index:
        case Kind::property:
        case Kind::method: chain(node, to); break;
        case Kind::unary:
        case Kind::binary: {
            Value value;
            if (literal_value(node, value))
                literal(std::move(value), to);
            else if (node.kind == Kind::unary)
                unary(as<Unary>(node), to);
            else
                binary(as<Binary>(node), to);
            break;
        }
        default: statement(node, to); break;
    }
    offset_ = outer;
}

Register Emitter::operand(Node& node) {
    if (in_register(node)) return static_cast<Register>(as<Name>(node).decl->slot);
    const auto temporary = alloc();
    into(node, temporary);
    return temporary;
}

// As operand, but the value survives what is evaluated afterwards.
Register Emitter::stable_operand(Node& node, Node& after) {
    if (in_register(node) && (reads_only(after) || !check::root_of(*as<Name>(node).decl).mutated))
        return static_cast<Register>(as<Name>(node).decl->slot);
    const auto temporary = alloc();
    into(node, temporary);
    return temporary;
}

void Emitter::name(const Name& node, Register to) {
    if (const auto* decl = node.decl) {
        const auto slot = static_cast<std::uint16_t>(decl->slot);
        Value value;
        if (is_capture(*decl) && literal_value(node, value))
            literal(std::move(value), to);
        else if (is_capture(*decl))
            emit(Opcode::get_capture, to, slot);
        else if (check::in_cell(*decl))
            emit(Opcode::get_cell, to, slot);
        else if (slot != to)
            emit(Opcode::move, to, slot);
        return;
    }
    for (const auto* function : context_.ast.functions) {
        if (function->name == node.name) {
            emit(Opcode::function, to, text_constant(node.name));
            return;
        }
    }
    if (context_.strict) unknown_variable(context_, node);
    emit(Opcode::raise_variable, 0, text_constant(node.name));
}

void Emitter::path(const ast::Path& node, Register to) {
    const auto& segments = node.segments;
    const auto text = joined(segments);
    if (const auto it = context_.names.module_of.find(&node); it != context_.names.module_of.end()) {
        const auto* import = it->second;
        if (const auto dynamic = context_.names.dynamic_imports.find(import);
            dynamic != context_.names.dynamic_imports.end()) {
            emit(Opcode::get_member, to, static_cast<std::uint16_t>(dynamic->second->slot),
                 text_constant(segments.back().name));
            return;
        }
        const auto* unit = context_.imported.contains(import) ? context_.imported.at(import) : nullptr;
        for (std::size_t i = 1; unit && i + 1 < segments.size(); ++i) {
            const auto sub = unit->submodules.find(std::string(segments[i].name));
            unit = sub == unit->submodules.end() ? nullptr : sub->second;
        }
        if (unit) {
            if (const auto slot = unit->exports.find(std::string(segments.back().name)); slot != unit->exports.end()) {
                emit(Opcode::get_global, to, context_.import_index(unit), slot->second);
                return;
            }
            if (context_.strict) unknown_member(context_, node, *unit);
            emit(Opcode::raise_variable, 0, text_constant(text));
            return;
        }
    } else if (segments.size() == 2 && segments.front().name == "global") {
        const auto slot = context_.unit.globals.find(std::string(segments.back().name));
        if (slot != context_.unit.globals.end()) {
            emit(Opcode::get_global, to, context_.import_index(&context_.unit), slot->second);
            return;
        }
        if (context_.strict)
            error(Code::variable_undefined, node.span,
                  "no top-level constant '" + std::string(segments.back().name) + "' in this file",
                  "global:: reaches what is declared with `const` at the top level of the same file");
        emit(Opcode::raise_variable, 0, text_constant(text));
        return;
    } else if (const auto* group = context_.natives.find(text, 0); group && (group->flags & property)) {
        const auto base = alloc();
        emit(Opcode::call_native, to, base, context_.native_index(group));
        free_to(base);
        return;
    }
    if (context_.strict) unknown_path(context_, node);
    emit(Opcode::raise_module, 0, text_constant(segments.front().name));
}

void Emitter::unary(Unary& node, Register to) {
    const auto mark = next_;
    const auto value = operand(*node.operand);
    static constexpr Opcode ops[] = {Opcode::neg, Opcode::plus, Opcode::not_};
    emit(ops[static_cast<int>(node.op)], to, value);
    free_to(mark);
}

// Chains of operators lean to the left: the innermost is emitted first, in a loop.
void Emitter::binary(Binary& node, Register to) {
    std::vector<Binary*> spine{&node};
    while (spine.back()->left->kind == Kind::binary && spine.back()->op != BinaryOp::in &&
           spine.back()->op != BinaryOp::not_in && spine.back()->op != BinaryOp::and_ &&
           spine.back()->op != BinaryOp::or_ && spine.back()->op != BinaryOp::coalesce)
        spine.push_back(&as<Binary>(*spine.back()->left));
    const auto mark = next_;
    Register left = none;
    for (auto at = spine.rbegin(); at != spine.rend(); ++at) {
        auto& step = **at;
        const bool last = &step == &node;
        const auto target = last ? to : (left != none && left >= mark ? left : alloc());
        const bool innermost = at == spine.rbegin();
        if (innermost && (step.op == BinaryOp::in || step.op == BinaryOp::not_in)) {
            // The container is evaluated first.
            Value list;
            const bool known = literal_value(*step.right, list);
            const auto container = known ? constant(std::move(list)) : stable_operand(*step.right, *step.left);
            const auto item = operand(*step.left);
            offset_ = step.op_span.begin;
            emit(known ? Opcode::contains_const : Opcode::contains, target, container, item,
                 step.op == BinaryOp::not_in);
        } else if (innermost &&
                   (step.op == BinaryOp::and_ || step.op == BinaryOp::or_ || step.op == BinaryOp::coalesce)) {
            short_circuit(step, target);
        } else {
            if (innermost) left = stable_operand(*step.left, *step.right);
            binary_step(step, left, target);
        }
        left = target;
        free_to(target >= mark && target != to ? static_cast<Register>(target + 1) : mark);
    }
    free_to(mark);
}

void Emitter::binary_step(Binary& node, Register left, Register to) {
    const auto outer = offset_;
    if (node.op == BinaryOp::range || node.op == BinaryOp::range_inclusive) {
        const auto right = operand(*node.right);
        emit(Opcode::make_range, to, left, right, node.op == BinaryOp::range_inclusive);
        return;
    }
    const auto op = arithmetic_op(node.op);
    Value value;
    Opcode with_constant;
    if (!(node.right->kind == Kind::array || node.right->kind == Kind::map) && literal_value(*node.right, value) &&
        constant_opcode(op, with_constant)) {
        offset_ = node.op_span.begin;
        emit(with_constant, to, left, constant(std::move(value)));
    } else {
        const auto right = operand(*node.right);
        offset_ = node.op_span.begin;
        emit(opcode(op), to, left, right);
    }
    offset_ = outer;
}

void Emitter::short_circuit(Binary& node, Register to) {
    // Chains of one operator lean to the left; their leftmost operand comes first.
    std::vector<Node*> operands;
    Node* left = &node;
    while (left->kind == Kind::binary && as<Binary>(*left).op == node.op) {
        operands.push_back(as<Binary>(*left).right);
        left = as<Binary>(*left).left;
    }
    Jumps end;
    into(*left, to);
    for (auto at = operands.rbegin(); at != operands.rend(); ++at) {
        offset_ = (*at)->span.begin;
        jump(node.op == BinaryOp::and_  ? Opcode::jump_unless
             : node.op == BinaryOp::or_ ? Opcode::jump_if
                                        : Opcode::jump_unless_unit,
             to, end);
        into(**at, to);
    }
    offset_ = operands.front()->span.begin;
    if (node.op != BinaryOp::coalesce && !is_comparison(*operands.front())) emit(Opcode::check_bool, to);
    land(end);
}

void Emitter::template_(const Template& node, Register to) {
    const auto base = alloc(static_cast<std::uint32_t>(node.parts.size() ? node.parts.size() : 1));
    for (std::size_t i = 0; i < node.parts.size(); ++i) into(*node.parts[i], static_cast<Register>(base + i));
    emit(Opcode::concat, to, base, static_cast<std::uint16_t>(node.parts.size()));
    free_to(base);
}

// A literal of literals is a constant: frozen, and copied when it is changed. Others are built; long ones in pieces, so
// that they need no thousands of registers.
void Emitter::array(const Array& node, Register to) {
    Value whole;
    if (node.items.size() > 0 && literal_value(node, whole)) {
        emit(Opcode::load_const, to, constant(std::move(whole)));
        return;
    }
    constexpr std::size_t window = 64;
    const auto count = std::min(node.items.size(), window);
    const auto mark = next_;
    const auto result = node.items.size() > window ? alloc() : to;
    const auto base = alloc(static_cast<std::uint32_t>(count ? count : 1));
    for (std::size_t i = 0; i < count; ++i) into(*node.items[i], static_cast<Register>(base + i));
    emit(Opcode::new_array, result, base, static_cast<std::uint16_t>(count));
    for (std::size_t i = count; i < node.items.size(); ++i) {
        into(*node.items[i], base);
        emit(Opcode::push, result, base);
    }
    if (result != to) emit(Opcode::take, to, result);
    free_to(mark);
}

void Emitter::map(const Map& node, Register to) {
    Value whole;
    if (node.entries.size() > 0 && literal_value(node, whole)) {
        emit(Opcode::load_const, to, constant(std::move(whole)));
        return;
    }
    const auto result = alloc();
    const auto item = alloc();
    emit(Opcode::new_map, result);
    for (const auto& entry : node.entries) {
        into(*entry.value, item);
        emit(Opcode::set_field, result, item, text_constant(entry.key));
    }
    emit(Opcode::take, to, result);
    free_to(result);
}

void Emitter::closure_value(Closure& node, Register to) {
    auto owned = std::make_unique<dsl::Function>();
    auto& function = *owned;
    function.unit = &context_.unit;
    function.index = static_cast<std::uint16_t>(context_.unit.functions.size());
    function.name = "anon$" + std::to_string(function.index);
    function.anonymous = true;
    function.params = static_cast<std::uint8_t>(node.params.size());
    function.span = node.span;
    for (const auto& capture : node.captures) {
        const auto from = is_capture(*capture.outer) ? CaptureSource::From::capture : CaptureSource::From::register_;
        function.captures.push_back({from, static_cast<std::uint16_t>(capture.outer->slot)});
        function.capture_names.emplace_back(capture.outer->name);
        function.capture_mutable.push_back(check::root_of(*capture.outer).mutated);
    }
    if (const auto it = context_.names.missing.find(&node); it != context_.names.missing.end())
        for (const auto* name : it->second) function.missing_names.emplace_back(name->name);
    context_.unit.functions.push_back(std::move(owned));
    context_.closures.emplace_back(&node, &function);
    if (!function.missing_names.empty() && !context_.strict) {
        emit(Opcode::raise_variable, 0, text_constant(function.missing_names.front()));
        return;
    }
    emit(Opcode::closure, to, function.index);
}

void Emitter::directive(Directive& node, Register to) {
    const auto base = alloc(2);
    into(*node.body, base);
    if (node.service) into(*node.service, static_cast<Register>(base + 1));
    emit(Opcode::directive, to, base, text_constant(node.name), static_cast<std::uint8_t>(node.directive));
    free_to(base);
}

// Jumps to `to` when the condition is `when`, falls through otherwise.
void Emitter::branch(Node& condition, bool when, Jumps& to) {
    const auto mark = next_;
    const auto outer = offset_;
    offset_ = condition.span.begin;
    if (condition.kind == Kind::unary && as<Unary>(condition).op == UnaryOp::not_ &&
        is_comparison(*as<Unary>(condition).operand)) {
        branch(*as<Unary>(condition).operand, !when, to);
    } else if (condition.kind == Kind::binary &&
               (as<Binary>(condition).op == BinaryOp::and_ || as<Binary>(condition).op == BinaryOp::or_)) {
        branch_logical(as<Binary>(condition), when, to);
    } else if (condition.kind == Kind::unary && as<Unary>(condition).op == UnaryOp::not_) {
        const auto value = operand(*as<Unary>(condition).operand);
        jump(when ? Opcode::jump_unless : Opcode::jump_if, value, to, 1);
    } else if (!is_comparison(condition) || !branch_comparison(as<Binary>(condition), when, to)) {
        const auto value = operand(condition);
        jump(when ? Opcode::jump_if : Opcode::jump_unless, value, to);
    }
    offset_ = outer;
    free_to(mark);
}

// A chain of one operator leans to the left and is walked in a loop.
void Emitter::branch_logical(Binary& node, bool when, Jumps& to) {
    std::vector<Node*> operands;
    Node* left = &node;
    while (left->kind == Kind::binary && as<Binary>(*left).op == node.op) {
        operands.push_back(as<Binary>(*left).right);
        left = as<Binary>(*left).left;
    }
    operands.push_back(left);
    const bool decides = node.op == BinaryOp::or_;  // the value of an operand that settles the whole
    Jumps skip;
    for (auto at = operands.rbegin(); at != operands.rend(); ++at) {
        const bool last = at + 1 == operands.rend();
        if (last)
            branch(**at, when, to);
        else
            branch(**at, decides, decides == when ? to : skip);
    }
    land(skip);
}

bool Emitter::branch_comparison(Binary& node, bool when, Jumps& to) {
    Opcode test;
    Opcode with_constant;
    bool swap = false;
    bool truth = true;
    switch (node.op) {
        case BinaryOp::lt:
            test = Opcode::test_lt;
            with_constant = Opcode::test_lt_const;
            break;
        case BinaryOp::le:
            test = Opcode::test_le;
            with_constant = Opcode::test_le_const;
            break;
        case BinaryOp::gt:
            test = Opcode::test_lt;
            with_constant = Opcode::test_gt_const;
            swap = true;
            break;
        case BinaryOp::ge:
            test = Opcode::test_le;
            with_constant = Opcode::test_ge_const;
            swap = true;
            break;
        case BinaryOp::eq:
            test = Opcode::test_eq;
            with_constant = Opcode::test_eq_const;
            break;
        case BinaryOp::ne:
            test = Opcode::test_eq;
            with_constant = Opcode::test_eq_const;
            truth = false;
            break;
        default: return false;
    }
    const auto left = stable_operand(*node.left, *node.right);
    // The jump that follows is taken unless the test's outcome is x.
    const auto x = static_cast<std::uint8_t>(truth != when);
    Value value;
    if (node.right->kind != Kind::array && node.right->kind != Kind::map && literal_value(*node.right, value)) {
        offset_ = node.op_span.begin;
        emit(with_constant, left, constant(std::move(value)), 0, x);
    } else {
        const auto right = operand(*node.right);
        offset_ = node.op_span.begin;
        if (swap)
            emit(test, right, left, 0, x);
        else
            emit(test, left, right, 0, x);
    }
    jump(Opcode::jump, 0, to);
    return true;
}

}  // namespace sluice::dsl::code
