// Statements and control flow (vsl-language.md sections 8, 9, 14, 15).
#include "dsl/code/emitter.hpp"

namespace sluice::dsl::code {

using namespace ast;

void Emitter::unit_into(Register to) {
    if (to != none) emit(Opcode::load_unit, to);
}

void Emitter::statement(Node& node, Register to) {
    const auto outer = offset_;
    offset_ = node.span.begin;
    switch (node.kind) {
        case Kind::block: block(node, to); break;
        case Kind::if_: if_(as<If>(node), to); break;
        case Kind::switch_: switch_(as<Switch>(node), to); break;
        case Kind::while_: while_(as<While>(node), to); break;
        case Kind::loop: loop(as<ast::Loop>(node), to); break;
        case Kind::do_: do_(as<Do>(node), to); break;
        case Kind::for_: for_(as<For>(node), to); break;
        case Kind::try_: try_(as<Try>(node), to); break;
        case Kind::let:
            let(as<Let>(node));
            unit_into(to);
            break;
        case Kind::import:
            import(as<Import>(node));
            unit_into(to);
            break;
        case Kind::export_:
            export_(as<Export>(node));
            unit_into(to);
            break;
        case Kind::assign:
            assign(as<Assign>(node));
            unit_into(to);
            break;
        case Kind::break_: break_(as<Break>(node)); break;
        case Kind::continue_: jump(Opcode::jump, 0, *loops_.back().continues); break;
        case Kind::return_: return_(as<Return>(node).value); break;
        case Kind::throw_: throw_(as<Throw>(node)); break;
        case Kind::empty: unit_into(to); break;
        default: {
            const auto mark = next_;
            into(node, to == none ? alloc() : to);
            free_to(mark);
        }
    }
    offset_ = outer;
}

// The value of a list is that of its last statement; empty statements have none.
void Emitter::statements(Nodes list, Register to) {
    auto count = list.size();
    while (count > 0 && list[count - 1]->kind == Kind::empty) --count;
    if (count == 0) unit_into(to);
    for (std::size_t i = 0; i < count; ++i) statement(*list[i], i + 1 == count ? to : none);
}

// Variables of a block give their registers back at its end.
void Emitter::block(Node& node, Register to) {
    const auto mark = next_;
    if (node.kind == Kind::block)
        statements(as<Block>(node).statements, to);
    else
        statement(node, to);
    free_to(mark);
}

void Emitter::let(Let& node) {
    auto& decl = *node.decl;
    const auto at = alloc();
    const bool recursive = node.init && node.init->kind == Kind::closure && check::in_cell(decl);
    if (recursive) {
        // The closure may capture the variable that will hold it, so the cell comes first.
        emit(Opcode::load_unit, at);
        declare(decl, at);
        const auto value = alloc();
        into(*node.init, value);
        emit(Opcode::set_cell, at, value);
        free_to(static_cast<Register>(at + 1));
    } else {
        if (node.init)
            into(*node.init, at);
        else
            emit(Opcode::load_unit, at);
        free_to(static_cast<Register>(at + 1));
        declare(decl, at);
    }
    if (!top_level_) return;
    if (decl.is_global_const) {
        const auto slot = context_.unit.globals.find(std::string(decl.name));
        if (slot == context_.unit.globals.end()) return;
        const auto mark = next_;
        auto source = at;
        if (check::in_cell(decl)) {
            source = alloc();
            emit(Opcode::get_cell, source, at);
        }
        emit(Opcode::set_global, source, 0, slot->second);
        free_to(mark);
    }
}

void Emitter::export_(Export& node) {
    Decl* decl = nullptr;
    std::string_view exported;
    if (node.let) {
        let(*node.let);
        decl = node.let->decl;
        exported = decl->name;
    } else {
        decl = node.name->decl;
        exported = node.alias.empty() ? node.name->name : node.alias;
        if (!decl) {
            emit(Opcode::raise_variable, 0, text_constant(node.name->name));
            return;
        }
    }
    const auto slot = context_.unit.exports.find(std::string(exported));
    if (slot != context_.unit.exports.end()) exported_.emplace_back(slot->second, decl);
}

// What a module exposes are the values at the end of its top level.
void Emitter::export_names() {
    for (const auto& [slot, decl] : exported_) {
        const auto mark = next_;
        const auto value = alloc();
        Name name{};
        name.kind = Kind::name;
        name.decl = decl;
        this->name(name, value);
        emit(Opcode::set_global, value, 0, slot);
        free_to(mark);
    }
    if (!context_.keep_scope) return;
    for (const auto* decl : context_.names.top_level) {
        const auto slot = context_.unit.globals.find(kept_name(*decl));
        if (slot != context_.unit.globals.end() && decl->slot >= 0 && !is_capture(*decl))
            emit(Opcode::set_global, static_cast<std::uint16_t>(decl->slot), 0, slot->second);  // the cell itself
    }
}

void Emitter::import(Import& node) {
    if (const auto it = context_.imported.find(&node); it != context_.imported.end()) {
        if (it->second) emit(Opcode::import, 0, context_.import_index(it->second));
        return;
    }
    const auto dynamic = context_.names.dynamic_imports.find(&node);
    const auto at = alloc();
    into(*node.path, at);
    emit(Opcode::import_named, at, at);
    if (dynamic != context_.names.dynamic_imports.end()) dynamic->second->slot = at;
}

void Emitter::if_(If& first, Register to) {
    Jumps end;
    for (auto* node = &first; node;) {
        Jumps otherwise;
        const auto condition = node->condition->span;
        branch(*node->condition, false, otherwise);
        put_mark(Mark::Kind::then_arm, condition);
        block(*node->then, to);
        const bool more = node->otherwise || to != none || context_.marks;
        if (more) jump(Opcode::jump, 0, end);
        land(otherwise);
        if (node->otherwise && node->otherwise->kind == Kind::if_) {
            node = &as<If>(*node->otherwise);
            continue;
        }
        put_mark(node->otherwise ? Mark::Kind::else_arm : Mark::Kind::no_else, condition);
        if (node->otherwise)
            block(*node->otherwise, to);
        else
            unit_into(to);
        node = nullptr;
    }
    land(end);
}

void Emitter::while_(While& node, Register to) {
    Jumps breaks;
    Jumps continues;
    loops_.push_back({&breaks, &continues, to});
    const auto start = static_cast<std::uint32_t>(function_.code.size());
    Jumps done;
    branch(*node.condition, false, done);
    put_mark(Mark::Kind::loop_body, node.span);
    block(*node.body, none);
    land(continues);
    jump_back(Opcode::jump_back, 0, start);
    land(done);
    unit_into(to);
    land(breaks);
    loops_.pop_back();
}

void Emitter::loop(ast::Loop& node, Register to) {
    Jumps breaks;
    Jumps continues;
    loops_.push_back({&breaks, &continues, to});
    const auto start = static_cast<std::uint32_t>(function_.code.size());
    put_mark(Mark::Kind::loop_body, node.span);
    block(*node.body, none);
    land(continues);
    jump_back(Opcode::jump_back, 0, start);
    land(breaks);
    loops_.pop_back();
}

// `continue` starts the body again without testing the condition.
void Emitter::do_(Do& node, Register to) {
    Jumps breaks;
    Jumps continues;
    loops_.push_back({&breaks, &continues, to});
    const auto start = static_cast<std::uint32_t>(function_.code.size());
    put_mark(Mark::Kind::loop_body, node.span);
    block(*node.body, none);
    Jumps done;
    branch(*node.condition, node.until, done);
    land(continues);
    jump_back(Opcode::jump_back, 0, start);
    land(done);
    unit_into(to);
    land(breaks);
    loops_.pop_back();
}

void Emitter::for_(For& node, Register to) {
    const auto mark = next_;
    const auto state = alloc(4);  // source, position, end or step, item
    into(*node.source, state);
    offset_ = node.source->span.begin;
    emit(Opcode::for_prepare, state);
    const auto item = static_cast<Register>(state + 3);
    const bool item_in_cell = check::in_cell(*node.item);
    const auto variable = item_in_cell ? alloc() : item;
    node.item->slot = variable;
    if (item_in_cell) {
        emit(Opcode::load_unit, variable);
        emit(Opcode::new_cell, variable, variable);
    }
    Register counter = none;
    if (node.counter) {
        counter = alloc();
        node.counter->slot = counter;
        emit(Opcode::load_unit, counter);
        if (check::in_cell(*node.counter)) emit(Opcode::new_cell, counter, counter);
    }
    Jumps breaks;
    Jumps continues;
    Jumps first;
    loops_.push_back({&breaks, &continues, to});
    jump(Opcode::jump, 0, first);
    const auto body = static_cast<std::uint32_t>(function_.code.size());
    if (item_in_cell) emit(Opcode::set_cell, variable, item);
    if (node.counter) {
        if (check::in_cell(*node.counter)) {
            const auto number = alloc();
            emit(Opcode::for_count, number, state);
            emit(Opcode::set_cell, counter, number);
        } else {
            emit(Opcode::for_count, counter, state);
        }
    }
    put_mark(Mark::Kind::loop_body, node.span);
    block(*node.body, none);
    land(continues);
    land(first);
    offset_ = node.source->span.begin;
    jump_back(Opcode::for_next, state, body);
    unit_into(to);
    land(breaks);
    emit(Opcode::clear, state, 4);
    loops_.pop_back();
    free_to(mark);
}

// Exact labels first, then ranges, then the default; an arm whose guard fails lets the search go on. Texts and integers
// need no search for the first label that takes them: a table says where it is.
void Emitter::switch_(Switch& node, Register to) {
    const auto mark = next_;
    const auto subject = alloc();
    into(*node.subject, subject);
    std::vector<Jumps> arms(node.cases.size());
    const auto table = emit(Opcode::switch_on, subject);
    Values labels;
    std::vector<std::int32_t> targets;
    const auto behind_table = [&] { return static_cast<std::int32_t>(function_.code.size() - table - 1); };
    const auto test = [&](std::size_t index, Node& label) {
        auto& entry = node.cases[index];
        Jumps next;
        offset_ = label.span.begin;
        Value value;
        if (label.kind == Kind::binary) {
            const auto& range = as<Binary>(label);
            value = make_range(as<Integer>(*range.left).value, as<Integer>(*range.right).value,
                               range.op == BinaryOp::range_inclusive);
        } else if (!literal_value(label, value)) {
            return;
        }
        const bool indexed = value.is_string() || value.is_int();
        if (indexed) labels.push_back(value);
        // x tells a range that is asked for membership from one that is compared.
        jump(Opcode::jump_unless_match, subject, next);
        emit(Opcode::label, 0, 0, constant(std::move(value)), label.kind == Kind::binary);
        if (indexed) targets.push_back(behind_table());
        if (entry.guard) branch(*entry.guard, false, next);
        jump(Opcode::jump, 0, arms[index]);
        land(next);
    };
    const auto test_all = [&](bool ranges) {
        for (std::size_t i = 0; i < node.cases.size(); ++i)
            for (auto* label : node.cases[i].labels)
                if ((label->kind == Kind::binary) == ranges) test(i, *label);
    };
    test_all(false);
    function_.code[table].b = static_cast<std::uint16_t>(function_.switches.size());
    function_.switches.emplace_back(std::move(labels), std::move(targets), behind_table());
    test_all(true);
    std::size_t fallback = node.cases.size();
    for (std::size_t i = 0; i < node.cases.size(); ++i)
        if (node.cases[i].labels.empty()) fallback = i;
    Jumps end;
    if (fallback != node.cases.size()) {
        jump(Opcode::jump, 0, arms[fallback]);
    } else {
        put_mark(Mark::Kind::no_case, node.subject->span);
        unit_into(to);
        jump(Opcode::jump, 0, end);
    }
    for (std::size_t i = 0; i < node.cases.size(); ++i) {
        land(arms[i]);
        offset_ = node.cases[i].span.begin;
        put_mark(Mark::Kind::case_arm, node.cases[i].span);
        block(*node.cases[i].body, to);
        jump(Opcode::jump, 0, end);
    }
    land(end);
    free_to(mark);
}

void Emitter::break_(Break& node) {
    const auto loop = loops_.back();  // a copy: the value may hold loops of its own
    const auto mark = next_;
    if (node.value)
        into(*node.value, loop.result == none ? alloc() : loop.result);
    else
        unit_into(loop.result);
    free_to(mark);
    jump(Opcode::jump, 0, *loop.breaks);
}

void Emitter::return_(Node* value) {
    if (!inlined_.empty()) {
        auto& function = *inlined_.back();
        const auto mark = next_;
        if (value)
            into(*value, function.result);
        else
            unit_into(function.result);
        free_to(mark);
        jump(Opcode::jump, 0, function.returns);
        return;
    }
    if (!value) {
        emit(Opcode::return_unit);
        return;
    }
    const auto mark = next_;
    const auto at = operand(*value);
    emit(Opcode::return_, at);
    free_to(mark);
}

void Emitter::throw_(Throw& node) {
    const auto mark = next_;
    const auto at = alloc();
    if (node.value)
        into(*node.value, at);
    else
        emit(Opcode::load_unit, at);
    offset_ = node.span.begin;
    if (caught_.empty())
        emit(Opcode::throw_, at);
    else
        emit(Opcode::rethrow, at, caught_.back());
    free_to(mark);
}

void Emitter::try_(Try& node, Register to) {
    const auto mark = next_;
    const auto caught = alloc();
    const auto begin = static_cast<std::uint32_t>(function_.code.size());
    block(*node.body, to);
    const auto end = static_cast<std::uint32_t>(function_.code.size());
    Jumps done;
    jump(Opcode::jump, 0, done);
    if (end > begin)
        function_.handlers.push_back({begin, end, static_cast<std::uint32_t>(function_.code.size()), caught});
    if (node.error) {
        const auto at = alloc();
        emit(Opcode::catch_, at, caught);
        declare(*node.error, at);
    }
    caught_.push_back(caught);
    put_mark(Mark::Kind::catch_arm, node.handler->span);
    block(*node.handler, none);
    caught_.pop_back();
    emit(Opcode::clear, caught, 1);
    unit_into(to);
    land(done);
    free_to(mark);
}

}  // namespace sluice::dsl::code
