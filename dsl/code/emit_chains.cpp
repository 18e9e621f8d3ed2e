// Chains of suffixes - x.a[i].f(y)? - and what is assigned to (vsl-language.md sections 10, 12, 13).
#include <algorithm>

#include "dsl/code/emitter.hpp"

namespace sluice::dsl::code {

using namespace ast;

namespace {

Node* base_of(Node& node) {
    switch (node.kind) {
        case Kind::index: return as<Index>(node).base;
        case Kind::property: return as<Property>(node).base;
        case Kind::method: return as<Method>(node).base;
        default: return nullptr;
    }
}

// Outermost suffix last; `root` becomes what the chain hangs on.
std::vector<Node*> suffixes(Node& node, Node*& root) {
    std::vector<Node*> steps;
    root = &node;
    while (auto* base = base_of(*root)) {
        steps.push_back(root);
        root = base;
    }
    return {steps.rbegin(), steps.rend()};
}

bool null_safe(const Node& step) {
    switch (step.kind) {
        case Kind::index: return as<Index>(step).null_safe;
        case Kind::property: return as<Property>(step).null_safe;
        default: return as<Method>(step).null_safe;
    }
}

bool writes_only_at_end(const Node& node) {
    if (is_scalar_literal(node.kind)) return true;
    switch (node.kind) {
        case Kind::binary: {
            const auto op = as<Binary>(node).op;
            return op != BinaryOp::and_ && op != BinaryOp::or_ && op != BinaryOp::coalesce &&
                   as<Binary>(node).left->kind != Kind::binary;
        }
        case Kind::name:
        case Kind::call:
        case Kind::unary:
        case Kind::array:
        case Kind::map:
        case Kind::template_: return true;
        default: return false;
    }
}

Op assign_op(AssignOp op) {
    static constexpr Op ops[] = {Op::add, Op::add, Op::sub, Op::mul,     Op::div,    Op::mod,
                                 Op::pow, Op::shl, Op::shr, Op::bit_and, Op::bit_or, Op::bit_xor};
    return ops[static_cast<int>(op)];
}

}  // namespace

std::uint16_t Emitter::add_path(Path path) {
    function_.paths.push_back(std::move(path));
    return static_cast<std::uint16_t>(function_.paths.size() - 1);
}

std::uint16_t Emitter::add_site(MethodSite site) {
    function_.methods.push_back(std::move(site));
    return static_cast<std::uint16_t>(function_.methods.size() - 1);
}

std::uint16_t Emitter::add_property(std::string_view name) {
    for (std::size_t i = 0; i < function_.properties.size(); ++i)
        if (function_.properties[i].name.as_string() == name) return static_cast<std::uint16_t>(i);
    PropertySite site;
    site.name = Value::string(name);
    const auto* native = context_.natives.find(name, 1);
    if (native && (native->flags & property)) site.native = native;
    function_.properties.push_back(std::move(site));
    return static_cast<std::uint16_t>(function_.properties.size() - 1);
}

// `last`: nothing is evaluated between these keys and the instruction that uses them.
Emitter::Target Emitter::target(Node& root, const std::vector<Node*>& steps, bool last) {
    Target result;
    if (root.kind == Kind::this_) {
        result.path.root = Path::Root::this_;
        result.writable = true;
    } else if (root.kind == Kind::name && as<Name>(root).decl) {
        const auto& decl = *as<Name>(root).decl;
        result.constant = decl.is_const;
        result.constant_name = decl.name;
        result.writable = !decl.is_const;
        result.path.index = static_cast<std::uint16_t>(decl.slot);
        result.path.root = is_capture(decl)       ? Path::Root::capture
                           : check::in_cell(decl) ? Path::Root::cell
                                                  : Path::Root::local;
    } else if (root.kind == Kind::path) {
        result.constant = true;
        result.constant_name = joined(as<ast::Path>(root).segments);
    }
    if (!result.writable) return result;
    const auto temporary = [&](Node& key) {
        const auto at = alloc();
        into(key, at);
        return at;
    };
    for (auto* step : steps) {
        Path::Step at;
        at.null_safe = null_safe(*step);
        if (step->kind == Kind::property) {
            at.property = at.key_const = true;
            at.key = text_constant(as<Property>(*step).name);
        } else {
            Value value;
            auto& key = *as<Index>(*step).key;
            at.key_const = literal_value(key, value);
            const bool in_place =
                last && step == steps.back() && in_register(key) && as<Name>(key).decl->slot != result.path.index;
            at.key = at.key_const ? constant(std::move(value))
                     : in_place   ? static_cast<Register>(as<Name>(key).decl->slot)
                                  : temporary(key);
        }
        result.path.steps.push_back(at);
    }
    return result;
}

MethodSite Emitter::site(const Method& node) {
    MethodSite site;
    site.name = Value::string(node.name);
    site.count = static_cast<std::uint8_t>(node.args.size());
    if (node.name == "call") site.special = MethodSite::Special::call;
    if (node.name == "curry") site.special = MethodSite::Special::curry;
    if (const auto* function = context_.unit.find(node.name, node.args.size())) site.function = function->index;
    site.native = context_.natives.find(node.name, node.args.size() + 1);
    return site;
}

// receiver == null: the receiver is already in `receiver_register`, the start of the call's window.
void Emitter::method(Method& node, const Target* receiver, Register receiver_register, Register to) {
    auto call = site(node);
    if (receiver) {
        call.constant = receiver->constant;
        call.constant_name = receiver->constant_name;
        if (receiver->writable) call.path = add_path(receiver->path);
    }
    const auto path = call.path;
    offset_ = node.name_span.begin;
    emit(Opcode::call_method, to, receiver_register, add_site(std::move(call)));
    if (path != none) emit(Opcode::write_back, receiver_register, path);
}

// root suffix suffix …: up to the first method call the root may be a place in memory, so that the method can change
// it; everything after is a value in a register.
void Emitter::chain(Node& node, Register to) {
    Node* root = nullptr;
    const auto steps = suffixes(node, root);
    if (steps.size() == 1 && steps.front()->kind == Kind::method && as<Method>(*steps.front()).name == "is_shared" &&
        as<Method>(*steps.front()).args.empty()) {
        const auto* decl = root->kind == Kind::name ? as<Name>(*root).decl : nullptr;
        emit(Opcode::load_bool, to, 0, 0, decl && check::root_of(*decl).captured);
        return;
    }
    const auto mark = next_;
    Jumps skipped;
    std::size_t done = 0;
    const auto first_method =
        std::find_if(steps.begin(), steps.end(), [](const Node* s) { return s->kind == Kind::method; });
    const bool place = root->kind == Kind::this_ || (root->kind == Kind::name && as<Name>(*root).decl);
    if (first_method != steps.end() && (place || root->kind == Kind::path)) {
        auto& call = as<Method>(**first_method);
        const std::vector<Node*> before(steps.begin(), first_method);
        const auto receiver = target(*root, before);
        const bool may_skip =
            call.null_safe || std::any_of(before.begin(), before.end(), [](const Node* s) { return null_safe(*s); });
        if (!receiver.writable || may_skip) {
            // The value of the receiver decides, or is all that can be had. Keys are not evaluated twice.
            into(*root, to);
            for (std::size_t i = 0; i < before.size(); ++i) {
                if (null_safe(*before[i])) jump(Opcode::jump_if_unit, to, skipped);
                if (!receiver.writable || receiver.path.steps[i].property) {
                    read_step(*before[i], to, to);
                } else {
                    const auto& step = receiver.path.steps[i];
                    emit(step.key_const ? Opcode::get_index_const : Opcode::get_index, to, to, step.key);
                }
            }
            if (call.null_safe) jump(Opcode::jump_if_unit, to, skipped);
        }
        const auto base = alloc(static_cast<std::uint32_t>(call.args.size() + 1));
        arguments(call.args, base);
        if (!receiver.writable) emit(Opcode::take, base, to);
        method(call, &receiver, base, to);
        free_to(base);
        done = before.size() + 1;
    } else if (in_register(*root) && steps.front()->kind != Kind::method && !null_safe(*steps.front())) {
        // Read the variable where it is.
        const auto source = static_cast<Register>(as<Name>(*root).decl->slot);
        read_step(*steps.front(), source, to);
        done = 1;
    } else {
        into(*root, to);
    }
    for (; done < steps.size(); ++done) {
        auto& step = *steps[done];
        if (null_safe(step)) jump(Opcode::jump_if_unit, to, skipped);
        if (step.kind != Kind::method) {
            read_step(step, to, to);
            continue;
        }
        auto& call = as<Method>(step);
        const auto base = alloc(static_cast<std::uint32_t>(call.args.size() + 1));
        emit(Opcode::take, base, to);
        arguments(call.args, base);
        method(call, nullptr, base, to);
        free_to(base);
    }
    land(skipped);
    free_to(mark);
}

// One index or property of the value in `from`.
void Emitter::read_step(Node& step, Register from, Register to) {
    if (step.kind == Kind::property) {
        offset_ = as<Property>(step).name_span.begin;
        emit(Opcode::get_property, to, from, add_property(as<Property>(step).name));
        return;
    }
    auto& key = *as<Index>(step).key;
    Value value;
    if (literal_value(key, value)) {
        offset_ = key.span.begin;
        emit(Opcode::get_index_const, to, from, constant(std::move(value)));
        return;
    }
    const auto mark = next_;
    const auto at = operand(key);
    offset_ = key.span.begin;
    emit(Opcode::get_index, to, from, at);
    free_to(mark);
}

void Emitter::assign(Assign& node) {
    const auto outer = offset_;
    const auto mark = next_;
    offset_ = node.target->span.begin;
    Node* root = nullptr;
    const auto steps = suffixes(*node.target, root);
    if (steps.empty() && root->kind == Kind::name && as<Name>(*root).decl) {
        assign_variable(node, as<Name>(*root));
    } else {
        const auto value = alloc();
        into(*node.value, value);
        offset_ = node.target->span.begin;
        const auto place = target(*root, steps, true);
        if (place.writable && node.op == AssignOp::set && steps.size() == 1 && steps.front()->kind == Kind::index &&
            place.path.root == Path::Root::local && !place.path.steps.front().null_safe &&
            !place.path.steps.front().key_const) {
            emit(Opcode::set_index, place.path.index, place.path.steps.front().key, value);
        } else if (place.writable) {
            if (node.op == AssignOp::set)
                emit(Opcode::set_path, add_path(place.path), value);
            else
                emit(Opcode::update_path, add_path(place.path), value, 0,
                     static_cast<std::uint8_t>(assign_op(node.op)));
        } else if (place.constant) {
            if (root->kind == Kind::path) into(*root, value);  // an unknown member is reported as such
            offset_ = node.target->span.begin;
            emit(Opcode::raise_constant, 0, text_constant(place.constant_name));
        } else {
            into(*root, value);  // unknown name
        }
    }
    free_to(mark);
    offset_ = outer;
}

void Emitter::assign_variable(Assign& node, Name& name) {
    auto& decl = *name.decl;
    if (decl.is_const) return;  // already reported
    const bool local = in_register(name);
    const auto slot = static_cast<Register>(decl.slot);
    if (node.op == AssignOp::set) {
        if (local && writes_only_at_end(*node.value)) {
            into(*node.value, slot);
            return;
        }
        const auto value = alloc();
        into(*node.value, value);
        if (local)
            emit(Opcode::take, slot, value);
        else
            store(decl, value);
        return;
    }
    const auto op = static_cast<std::uint8_t>(assign_op(node.op));
    Value value;
    if (local && node.value->kind != Kind::array && node.value->kind != Kind::map &&
        literal_value(*node.value, value)) {
        offset_ = node.op_span.begin;
        emit(Opcode::compound_const, slot, constant(std::move(value)), 0, op);
        return;
    }
    const auto right = operand(*node.value);
    offset_ = node.op_span.begin;
    if (local) {
        emit(Opcode::compound, slot, right, 0, op);
    } else {
        const auto place = target(name, {});
        emit(Opcode::update_path, add_path(place.path), right, 0, op);
    }
}

}  // namespace sluice::dsl::code
