// Calls by name (vsl-language.md section 10).
#include "dsl/code/emitter.hpp"
#include "dsl/code/unknown_names.hpp"

namespace sluice::dsl::code {

using namespace ast;

Register Emitter::arguments(Nodes args, Register base) {
    if (args.size() > 0) check_count(args.size(), args[0]->span);
    for (std::size_t i = 0; i < args.size(); ++i) into(*args[i], static_cast<Register>(base + 1 + i));
    return base;
}

const NativeGroup* Emitter::native_of(const Call& node) const {
    const auto count = node.args.size();
    if (node.callee.size() > 1)
        return context_.names.module_of.contains(&node) ? nullptr : context_.natives.find(joined(node.callee), count);
    const auto name = node.callee.front().name;
    if (context_.names.inlined.contains(&node) || context_.unit.find(name, count)) return nullptr;
    return context_.natives.find(name, count);
}

void Emitter::call(Call& node, Register to) {
    if (Value known; literal_value(node, known)) {
        literal(std::move(known), to);
        return;
    }
    if (node.callee.size() > 1) {
        call_qualified(node, to);
        return;
    }
    if (const auto inlined = context_.names.inlined.find(&node); inlined != context_.names.inlined.end()) {
        inlined_call(node, *inlined->second, to);
        return;
    }
    if (special_call(node, to)) return;
    const auto name = node.callee.front().name;
    const auto count = node.args.size();
    if (const auto* function = context_.unit.find(name, count)) {
        const auto base = alloc(static_cast<std::uint32_t>(count + 1));
        arguments(node.args, base);
        offset_ = node.span.begin;
        emit(Opcode::call, to, base, function->index, static_cast<std::uint8_t>(count));
        free_to(base);
        return;
    }
    const auto* group = context_.natives.find(name, count);
    if (group && count > 0 && (group->flags & mutates) && node.args.front()->kind == Kind::name) {
        // A plain variable is passed by reference; a constant as a copy.
        const auto& variable = as<Name>(*node.args.front());
        if (variable.decl && !variable.decl->is_const) {
            MethodSite site;
            site.name = Value::string(name);
            site.count = static_cast<std::uint8_t>(count - 1);
            site.native = group;
            call_method_form(node, to, std::move(site));
            return;
        }
    }
    const auto base = alloc(static_cast<std::uint32_t>(count + 1));
    arguments(node.args, base);
    offset_ = node.span.begin;
    if (group) {
        emit(Opcode::call_native, to, base, context_.native_index(group));
    } else {
        if (context_.strict) unknown_function(context_, node);
        emit(Opcode::raise_function, base, text_constant(name), 0, static_cast<std::uint8_t>(count));
    }
    free_to(base);
}

// f!(args). The result has a register of its own until the end: `to` may be a variable that the body reads.
void Emitter::inlined_call(Call& node, const ast::Function& function, Register to) {
    const auto mark = next_;
    Inlined here{{}, alloc()};
    const auto first = alloc(static_cast<std::uint32_t>(node.args.size()));
    for (std::size_t i = 0; i < node.args.size(); ++i) into(*node.args[i], static_cast<Register>(first + i));
    for (std::size_t i = 0; i < node.args.size(); ++i) declare(*function.params[i], static_cast<Register>(first + i));
    std::vector<Register> outer_caught;
    outer_caught.swap(caught_);  // a `throw;` in the body has no error of the caller to raise again
    inlined_.push_back(&here);
    put_mark(Mark::Kind::function, function.span, function.name);
    statements(function.body->statements, here.result);
    inlined_.pop_back();
    caught_.swap(outer_caught);
    land(here.returns);
    emit(Opcode::take, to, here.result);
    free_to(mark);
}

// push(a, 1): the first argument is the receiver and may be changed.
void Emitter::call_method_form(Call& node, Register to, MethodSite site) {
    const auto value = alloc();  // `to` may be the receiver: x = pop(x)
    const auto base = alloc(static_cast<std::uint32_t>(node.args.size()));
    for (std::size_t i = 1; i < node.args.size(); ++i) into(*node.args[i], static_cast<Register>(base + i));
    const auto receiver = target(*node.args.front(), {});
    site.path = add_path(receiver.path);
    const auto path = site.path;
    offset_ = node.span.begin;
    emit(Opcode::call_method, value, base, add_site(std::move(site)));
    emit(Opcode::write_back, base, path);
    emit(Opcode::take, to, value);
    free_to(value);
}

bool Emitter::special_call(Call& node, Register to) {
    const auto name = node.callee.front().name;
    const auto count = node.args.size();
    if ((name == "call" || name == "curry") && count > 0) {
        check_count(count, node.span);
        const auto base = alloc(static_cast<std::uint32_t>(count));
        for (std::size_t i = 0; i < count; ++i) into(*node.args[i], static_cast<Register>(base + i));
        MethodSite site;
        site.name = Value::string(name);
        site.count = static_cast<std::uint8_t>(count - 1);
        site.special = name == "call" ? MethodSite::Special::call : MethodSite::Special::curry;
        offset_ = node.span.begin;
        emit(Opcode::call_method, to, base, add_site(std::move(site)));
        free_to(base);
        return true;
    }
    if (name == "Fn" && count == 1) {
        const auto value = operand(*node.args.front());
        emit(Opcode::function_name, to, value);
        return true;
    }
    if (name == "is_shared" && count == 1) {
        const auto* decl = node.args.front()->kind == Kind::name ? as<Name>(*node.args.front()).decl : nullptr;
        emit(Opcode::load_bool, to, 0, 0, decl && check::root_of(*decl).captured);
        return true;
    }
    if (name == "is_def_var" && count == 1) {
        const auto it = context_.names.variable_defined.find(&node);
        if (it == context_.names.variable_defined.end())
            error(Code::needs_literal, node.args.front()->span,
                  "is_def_var needs a literal string: variables are resolved when the script is compiled");
        emit(Opcode::load_bool, to, 0, 0, it != context_.names.variable_defined.end() && it->second);
        return true;
    }
    if (name == "is_def_fn" && count == 2) {
        if (node.args[0]->kind != Kind::string || node.args[1]->kind != Kind::integer) {
            error(Code::needs_literal, node.span,
                  "is_def_fn needs a literal name and number: functions are resolved when the script is compiled");
            emit(Opcode::load_unit, to);
            return true;
        }
        const auto params = as<Integer>(*node.args[1]).value;
        const bool found =
            params >= 0 && context_.unit.find(as<String>(*node.args[0]).value, static_cast<std::size_t>(params));
        emit(Opcode::load_bool, to, 0, 0, found);
        return true;
    }
    return false;
}

// m::f(args), m::sub::f(args), and the functions of host modules.
void Emitter::call_qualified(Call& node, Register to) {
    const auto count = node.args.size();
    const auto base = alloc(static_cast<std::uint32_t>(count + 1));
    const auto text = joined(node.callee);
    const auto last = std::string(node.callee.back().name);
    const auto it = context_.names.module_of.find(&node);
    if (it != context_.names.module_of.end()) {
        if (const auto dynamic = context_.names.dynamic_imports.find(it->second);
            dynamic != context_.names.dynamic_imports.end()) {
            emit(Opcode::move, base, static_cast<std::uint16_t>(dynamic->second->slot));
            arguments(node.args, base);
            offset_ = node.span.begin;
            emit(Opcode::call_member, to, base, text_constant(last), static_cast<std::uint8_t>(count));
            free_to(base);
            return;
        }
    }
    arguments(node.args, base);
    offset_ = node.span.begin;
    if (it != context_.names.module_of.end()) {
        const auto imported = context_.imported.find(it->second);
        const Unit* unit = imported == context_.imported.end() ? nullptr : imported->second;
        for (std::size_t i = 1; unit && i + 1 < node.callee.size(); ++i) {
            const auto sub = unit->submodules.find(std::string(node.callee[i].name));
            unit = sub == unit->submodules.end() ? nullptr : sub->second;
        }
        const auto* function = unit ? unit->find(last, count) : nullptr;
        if (function && !function->is_private) {
            context_.unit.qualified.push_back({unit, function->index});
            emit(Opcode::call_module, to, base, static_cast<std::uint16_t>(context_.unit.qualified.size() - 1),
                 static_cast<std::uint8_t>(count));
            free_to(base);
            return;
        }
        if (context_.strict && unit) unknown_member(context_, node, *unit);
    } else if (const auto* group = context_.natives.find(text, count)) {
        emit(Opcode::call_native, to, base, context_.native_index(group));
        free_to(base);
        return;
    } else if (context_.strict) {
        unknown_function(context_, node);
    }
    emit(Opcode::raise_function, base, text_constant(text), 0, static_cast<std::uint8_t>(count));
    free_to(base);
}

}  // namespace sluice::dsl::code
