#include <algorithm>

#include "dsl/code/emitter.hpp"

namespace sluice::dsl::code {

std::uint16_t UnitContext::import_index(const Unit* wanted) {
    for (std::size_t i = 0; i < unit.imports.size(); ++i)
        if (unit.imports[i] == wanted) return static_cast<std::uint16_t>(i);
    unit.imports.push_back(wanted);
    return static_cast<std::uint16_t>(unit.imports.size() - 1);
}

std::uint16_t UnitContext::native_index(const NativeGroup* group) {
    for (std::size_t i = 0; i < unit.natives.size(); ++i)
        if (unit.natives[i] == group) return static_cast<std::uint16_t>(i);
    unit.natives.push_back(group);
    return static_cast<std::uint16_t>(unit.natives.size() - 1);
}

std::uint16_t UnitContext::slot(std::string_view name, std::unordered_map<std::string, std::uint16_t>& table) {
    const auto slot = static_cast<std::uint16_t>(unit.slots.size());
    unit.slots.emplace_back(name);
    table[std::string(name)] = slot;
    return slot;
}

const Function* Unit::find(std::string_view name, std::size_t params) const noexcept {
    for (std::size_t i = 1; i < functions.size(); ++i)
        if (!functions[i]->anonymous && functions[i]->params == params && functions[i]->name == name)
            return functions[i].get();
    return nullptr;
}

const Function* Unit::only(std::string_view name) const noexcept {
    const Function* found = nullptr;
    for (std::size_t i = 1; i < functions.size(); ++i) {
        if (functions[i]->anonymous || functions[i]->name != name) continue;
        if (found) return nullptr;
        found = functions[i].get();
    }
    return found;
}

const Unit* Program::find(std::string_view path) const noexcept {
    for (const auto& unit : units)
        if (unit->path == path) return unit.get();
    return nullptr;
}

std::uint32_t Emitter::emit(Opcode op, std::uint16_t a, std::uint16_t b, std::uint16_t c, std::uint8_t x) {
    function_.code.push_back({op, x, a, b, c});
    function_.offsets.push_back(offset_);
    return static_cast<std::uint32_t>(function_.code.size() - 1);
}

std::uint32_t Emitter::emit_bc(Opcode op, std::uint16_t a, std::int32_t bc, std::uint8_t x) {
    const auto at = emit(op, a, 0, 0, x);
    function_.code[at].set_bc(bc);
    return at;
}

void Emitter::jump(Opcode op, std::uint16_t a, Jumps& to, std::uint8_t x) { to.at.push_back(emit(op, a, 0, 0, x)); }

void Emitter::jump_back(Opcode op, std::uint16_t a, std::uint32_t target) {
    const auto at = emit(op, a);
    function_.code[at].set_bc(static_cast<std::int32_t>(target) - static_cast<std::int32_t>(at) - 1);
}

void Emitter::land(Jumps& jumps) {
    const auto here = static_cast<std::int32_t>(function_.code.size());
    for (const auto at : jumps.at) function_.code[at].set_bc(here - static_cast<std::int32_t>(at) - 1);
    jumps.at.clear();
}

// A function that needs more registers than an instruction can name is refused once; emission then goes on in a
// register that exists, since the result is thrown away.
Register Emitter::alloc(std::uint32_t count) {
    constexpr std::uint32_t limit = 60'000;
    if (next_ + count > limit) {
        if (!too_large_)
            error(Code::too_many_variables, function_.span,
                  "this function needs more than 60000 variables and temporaries");
        too_large_ = true;
        next_ = 1;
        if (count > limit - 2) count = 1;
    }
    const auto first = next_;
    next_ = static_cast<Register>(next_ + count);
    if (next_ > most_) most_ = next_;
    return first;
}

std::uint16_t Emitter::constant(Value value) {
    const auto add = [&] {
        if (function_.constants.size() >= none) {
            if (!too_large_)
                error(Code::too_many_constants, function_.span, "this function has more than 65535 constants");
            too_large_ = true;
            return std::uint16_t{0};
        }
        function_.constants.push_back(value);
        return static_cast<std::uint16_t>(function_.constants.size() - 1);
    };
    if (value.is_string()) {
        const auto [it, added] = strings_.try_emplace(std::string(value.as_string()), 0);
        if (added) it->second = add();
        return it->second;
    }
    if (value.is_int()) {
        const auto [it, added] = integers_.try_emplace(value.as_int(), 0);
        if (added) it->second = add();
        return it->second;
    }
    return add();
}

static bool is_test(Opcode op) { return op >= Opcode::test_lt && op <= Opcode::test_eq_const; }

void Emitter::finish() {
    function_.registers = static_cast<std::uint16_t>(most_);
    // A jump to a return is a return. Not so the jump of a test, which is part of the test.
    for (std::size_t at = 0; at < function_.code.size(); ++at) {
        auto& instruction = function_.code[at];
        if (is_test(instruction.op)) {
            ++at;
            continue;
        }
        if (instruction.op != Opcode::jump) continue;
        const auto& target =
            function_.code[static_cast<std::size_t>(static_cast<std::int64_t>(at) + 1 + instruction.bc())];
        if (target.op == Opcode::return_ || target.op == Opcode::return_unit) instruction = target;
    }
    // Of what is moved only to be returned, too, but for `this`, which stays with the caller.
    for (std::size_t at = 0; at + 1 < function_.code.size(); ++at) {
        auto& instruction = function_.code[at];
        const auto& next = function_.code[at + 1];
        if (instruction.op == Opcode::move && instruction.b != 0 && next.op == Opcode::return_ &&
            next.a == instruction.a)
            instruction = {Opcode::return_, 0, instruction.b};
    }
    const auto sites = std::max(
        {function_.methods.size(), function_.paths.size(), function_.properties.size(), function_.switches.size()});
    if (sites >= none && !too_large_)
        error(Code::too_large, function_.span,
              "this function has more than 65534 method calls or assignments to parts");
}

void Emitter::put_mark(Mark::Kind what, Span span, std::string_view name) {
    if (!context_.marks) return;
    const auto number = static_cast<std::int32_t>(context_.marks->size());
    context_.marks->push_back({what, top_level_, context_.ast.source(), span, std::string(name)});
    const auto base = alloc(2);
    emit_bc(Opcode::load_int, static_cast<Register>(base + 1), number);
    emit(Opcode::call_native, base, base, context_.native_index(context_.mark_function));
    free_to(base);
}

void Emitter::error(Code code, Span span, std::string message, std::string hint) {
    context_.diagnostics.add(code, context_.ast.source(), span, std::move(message), std::move(hint));
}

void Emitter::declare(ast::Decl& decl, Register at) {
    decl.slot = at;
    if (check::in_cell(decl)) emit(Opcode::new_cell, at, at);
}

void Emitter::store(const ast::Decl& decl, Register from) {
    if (is_capture(decl))
        emit(Opcode::set_capture, static_cast<std::uint16_t>(decl.slot), from);
    else if (check::in_cell(decl))
        emit(Opcode::set_cell, static_cast<std::uint16_t>(decl.slot), from);
    else
        emit(Opcode::move, static_cast<std::uint16_t>(decl.slot), from);
}

bool Emitter::in_register(const ast::Node& node) const {
    if (node.kind != ast::Kind::name) return false;
    const auto* decl = ast::as<ast::Name>(node).decl;
    return decl && decl->slot >= 0 && !is_capture(*decl) && !check::in_cell(*decl);
}

// Instructions count arguments in eight bits, and a function pointer may put curried values in front.
void Emitter::check_count(std::size_t count, Span span) {
    constexpr std::size_t limit = 250;
    if (count > limit) error(Code::too_many_arguments, span, "more than 250 parameters or arguments");
}

void Emitter::function(const ast::Function& source) {
    check_count(source.params.size(), source.span);
    for (auto* param : source.params) param->slot = alloc();
    for (auto* param : source.params)
        if (check::in_cell(*param))
            emit(Opcode::new_cell, static_cast<std::uint16_t>(param->slot), static_cast<std::uint16_t>(param->slot));
    const auto result = alloc();
    put_mark(Mark::Kind::function, source.span, source.name);
    statements(source.body->statements, result);
    offset_ = source.span.end;
    emit(Opcode::return_, result);
    finish();
}

void Emitter::closure(const ast::Closure& source) {
    check_count(source.params.size(), source.span);
    for (std::size_t i = 0; i < source.captures.size(); ++i)
        source.captures[i].inner->slot = static_cast<std::int32_t>(i);
    for (auto* param : source.params) param->slot = alloc();
    for (auto* param : source.params)
        if (check::in_cell(*param))
            emit(Opcode::new_cell, static_cast<std::uint16_t>(param->slot), static_cast<std::uint16_t>(param->slot));
    const auto result = alloc();
    put_mark(Mark::Kind::function, source.span);
    statement(*source.body, result);
    offset_ = source.span.end;
    emit(Opcode::return_, result);
    finish();
}

void Emitter::top_level() {
    top_level_ = true;
    for (std::size_t i = 0; i < context_.names.inherited.size(); ++i) {
        context_.names.inherited[i].inner->slot = static_cast<std::int32_t>(i);
        function_.capture_names.emplace_back(context_.names.inherited[i].inner->name);
    }
    const auto result = alloc();
    put_mark(Mark::Kind::function, function_.span, function_.name);
    if (context_.ast.statements.empty())
        emit(Opcode::load_unit, result);
    else
        statements(context_.ast.statements, result);
    export_names();
    emit(Opcode::return_, result);
    finish();
}

}  // namespace sluice::dsl::code
