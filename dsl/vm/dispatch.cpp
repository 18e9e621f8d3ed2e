// The dispatch loop: one instruction after the other until the run ends, fails or waits.
#include "dsl/vm/instructions.hpp"
#include "dsl/vm/vm.hpp"

// last, because its names are short
#include "dsl/vm/dispatch_macros.hpp"

namespace sluice::dsl::vm {

using code::Instruction;
using code::Opcode;

// `value` lies in the registers being left, or nowhere. True: the caller is a script function and goes on.
[[gnu::always_inline]] inline bool Vm::leave_function(Value* value) {
    const auto return_to = frames_.back().return_to;
    if (return_to == discard) [[unlikely]]
        return leave_to_host(value ? std::move(*value) : Value());
    if (value)
        stack_[return_to] = std::move(*value);
    else
        stack_[return_to] = Value();
    pop_script_frame();
    return true;
}

Status Vm::execute() {
    static const void* const targets[] = {
#define SLUICE_OP(name, x, a, b, c) &&op_##name,
#include "dsl/code/opcodes.def"
#undef SLUICE_OP
    };
    const Instruction* pc = nullptr;
    Value* R = nullptr;
    const Value* K = nullptr;
    ErrorPtr failure;
    Next next = Next::here;

enter:
    if (frames_.empty()) return Status::done;
    if (!frames_.back().function) {
        // A native task: it was just started, or a callback has returned to it.
        SLUICE_TRY(task_requested(next));
        if (next == Next::suspended) return suspend();
        goto enter;
    }
enter_function:
    pc = frames_.back().pc;
    R = stack_.get() + frames_.back().base;
    K = frames_.back().function->constants.data();
    SLUICE_NEXT;

    // --- moving values
    SLUICE_CASE(move) {
        R[I.a] = R[I.b];
        SLUICE_NEXT;
    }
    SLUICE_CASE(take) {
        R[I.a] = std::move(R[I.b]);
        SLUICE_NEXT;
    }
    SLUICE_CASE(load_const) {
        R[I.a] = K[I.b];
        SLUICE_NESTED(R[I.a]);
        SLUICE_NEXT;
    }
    SLUICE_CASE(load_unit) {
        R[I.a] = Value();
        SLUICE_NEXT;
    }
    SLUICE_CASE(load_bool) {
        R[I.a] = Value::boolean(I.x != 0);
        SLUICE_NEXT;
    }
    SLUICE_CASE(load_int) {
        R[I.a] = Value::integer(I.bc());
        SLUICE_NEXT;
    }
    SLUICE_CASE(clear) {
        for (std::uint32_t i = 0; i < I.b; ++i) R[I.a + i] = Value();
        SLUICE_NEXT;
    }
    SLUICE_CASE(new_cell) {
        R[I.a] = make_cell(std::move(R[I.b]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_cell) {
        if (!R[I.b].is(Tag::cell)) goto misshapen;
        R[I.a] = R[I.b].as_cell().value;
        SLUICE_NEXT;
    }
    SLUICE_CASE(set_cell) {
        if (!R[I.a].is(Tag::cell) || R[I.a].object()->frozen()) goto misshapen;
        R[I.a].as_cell().value = R[I.b];
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_capture) {
        const Value& capture = frames_.back().closure.as_fn().captures[I.b];
        R[I.a] = capture.is(Tag::cell) ? capture.as_cell().value : capture;
        SLUICE_NEXT;
    }
    SLUICE_CASE(set_capture) {
        frames_.back().pc = pc;
        SLUICE_TRY(set_capture(I.a, R[I.b]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_global) {
        SLUICE_TRY(get_global(*frames_.back().function->unit->imports[I.b], I.c, R[I.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(set_global) {
        if (!loading_) goto misshapen;
        loading_->set(*frames_.back().function->unit, I.c, R[I.a]);
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_member) {
        SLUICE_TRY(get_member(R[I.b], K[I.c], R[I.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_this) {
        if (!frames_.back().this_bound) SLUICE_FAIL(unbound_this());
        R[I.a] = R[0];
        SLUICE_NEXT;
    }

    // --- operators
    SLUICE_INT_OP(add, __builtin_add_overflow, Op::add, R)
    SLUICE_INT_OP(sub, __builtin_sub_overflow, Op::sub, R)
    SLUICE_INT_OP(mul, __builtin_mul_overflow, Op::mul, R)
    SLUICE_INT_OP(add_const, __builtin_add_overflow, Op::add, K)
    SLUICE_INT_OP(sub_const, __builtin_sub_overflow, Op::sub, K)
    SLUICE_INT_OP(mul_const, __builtin_mul_overflow, Op::mul, K)
    SLUICE_CASE(mod_const) {
        const Value& x = R[I.b];
        const Value& y = K[I.c];
        if (x.is_int() && y.is_int() && y.as_int() > 0)
            R[I.a] = Value::integer(x.as_int() % y.as_int());
        else
            SLUICE_TRY(binary(Op::mod, x, y, R[I.a], limits_));
        SLUICE_NEXT;
    }
    SLUICE_BINARY(div, Op::div)
    SLUICE_BINARY(mod, Op::mod)
    SLUICE_BINARY(pow, Op::pow)
    SLUICE_BINARY(shl, Op::shl)
    SLUICE_BINARY(shr, Op::shr)
    SLUICE_BINARY(bit_and, Op::bit_and)
    SLUICE_BINARY(bit_or, Op::bit_or)
    SLUICE_BINARY(bit_xor, Op::bit_xor)
    SLUICE_EQUALITY(eq, true, Op::eq, R)
    SLUICE_EQUALITY(ne, false, Op::ne, R)
    SLUICE_COMPARE(lt, <, Op::lt, R)
    SLUICE_COMPARE(le, <=, Op::le, R)
    SLUICE_COMPARE(gt, >, Op::gt, R)
    SLUICE_COMPARE(ge, >=, Op::ge, R)
    SLUICE_EQUALITY(eq_const, true, Op::eq, K)
    SLUICE_EQUALITY(ne_const, false, Op::ne, K)
    SLUICE_COMPARE(lt_const, <, Op::lt, K)
    SLUICE_COMPARE(le_const, <=, Op::le, K)
    SLUICE_COMPARE(gt_const, >, Op::gt, K)
    SLUICE_COMPARE(ge_const, >=, Op::ge, K)
    SLUICE_TEST(test_lt, <, Op::lt, R)
    SLUICE_TEST(test_le, <=, Op::le, R)
    SLUICE_TEST_EQUAL(test_eq, R)
    SLUICE_TEST(test_lt_const, <, Op::lt, K)
    SLUICE_TEST(test_le_const, <=, Op::le, K)
    SLUICE_TEST(test_gt_const, >, Op::gt, K)
    SLUICE_TEST(test_ge_const, >=, Op::ge, K)
    SLUICE_TEST_EQUAL(test_eq_const, K)
    SLUICE_CASE(contains) {
        bool found = false;
        SLUICE_TRY(contains(R[I.b], R[I.c], found));
        R[I.a] = Value::boolean(found != (I.x != 0));
        SLUICE_NEXT;
    }
    SLUICE_CASE(contains_const) {
        bool found = false;
        SLUICE_TRY(contains(K[I.b], R[I.c], found));
        R[I.a] = Value::boolean(found != (I.x != 0));
        SLUICE_NEXT;
    }
    SLUICE_CASE(make_range) {
        SLUICE_GROW(range_of(R[I.b], R[I.c], I.x != 0, R[I.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(neg) {
        SLUICE_TRY(negate(R[I.b], R[I.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(plus) {
        SLUICE_TRY(unary_plus(R[I.b], R[I.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(not_) {
        if (R[I.b].is_bool())
            R[I.a] = Value::boolean(!R[I.b].as_bool());
        else
            SLUICE_TRY(logical_not(R[I.b], R[I.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(concat) {
        SLUICE_GROW(concat(&R[I.b], I.c, R[I.a], limits_));
        SLUICE_NEXT;
    }
    SLUICE_COMPOUND(compound, R)
    SLUICE_COMPOUND(compound_const, K)

    // --- containers
    SLUICE_CASE(new_array) {
        R[I.a] = array_of(&R[I.b], I.c);
        SLUICE_NESTED(R[I.a]);
        SLUICE_NEXT;
    }
    SLUICE_CASE(push) {
        if (!R[I.a].is_array()) goto misshapen;
        SLUICE_GROW(append(R[I.a], std::move(R[I.b]), limits_));
        SLUICE_NESTED(R[I.a]);
        SLUICE_NEXT;
    }
    SLUICE_CASE(new_map) {
        R[I.a] = make_map();
        SLUICE_NEXT;
    }
    SLUICE_CASE(set_field) {
        if (!R[I.a].is_map()) goto misshapen;
        R[I.a].own_map().insert_or_find(K[I.c]) = std::move(R[I.b]);
        SLUICE_NESTED(R[I.a]);
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_index) {
        const Value& from = R[I.b];
        const Value& key = R[I.c];
        if (from.is_array() && key.is_int() && static_cast<std::uint64_t>(key.as_int()) < from.as_array().items.size())
            R[I.a] = from.as_array().items[static_cast<std::size_t>(key.as_int())];
        else
            SLUICE_TRY(get_index(from, key, R[I.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_index_const) {
        SLUICE_TRY(get_index(R[I.b], K[I.c], R[I.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_property) {
        SLUICE_TRY(get_property(frames_.back().function->properties[I.c], R[I.b], R[I.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(set_path) {
        SLUICE_GROW(set_path(frames_.back().function->paths[I.a], R[I.b]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(update_path) {
        SLUICE_GROW(update_path(frames_.back().function->paths[I.a], static_cast<Op>(I.x), R[I.b]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(set_index) {
        const Value& to = R[I.a];
        const Value& key = R[I.b];
        if (to.is_array() && to.object()->unique() && key.is_int() && !counts_nested_ &&
            static_cast<std::uint64_t>(key.as_int()) < to.as_array().items.size()) {
            to.as_array().items[static_cast<std::size_t>(key.as_int())] = R[I.c];
        } else {
            SLUICE_GROW(set_index(R[I.a], key, R[I.c], limits_));
            SLUICE_NESTED(R[I.a]);
        }
        SLUICE_NEXT;
    }

    // --- control
    SLUICE_CASE(jump) {
        pc += I.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(jump_back) {
        SLUICE_SPEND;
        pc += I.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(jump_if) {
        if (!R[I.a].is_bool()) SLUICE_FAIL(no_condition(R[I.a], I.x != 0));
        if (R[I.a].as_bool()) pc += I.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(jump_unless) {
        if (!R[I.a].is_bool()) SLUICE_FAIL(no_condition(R[I.a], I.x != 0));
        if (!R[I.a].as_bool()) pc += I.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(jump_if_unit) {
        if (R[I.a].is_unit()) pc += I.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(jump_unless_unit) {
        if (!R[I.a].is_unit()) pc += I.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(jump_unless_match) {
        if (label_matches(R[I.a], K[pc->c], pc->x != 0))
            ++pc;
        else
            pc += I.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(label) SLUICE_NEXT;
    SLUICE_CASE(switch_on) {
        pc += frames_.back().function->switches[I.b].offset(R[I.a]);
        SLUICE_NEXT;
    }
    SLUICE_CASE(check_bool) {
        if (!R[I.a].is_bool()) SLUICE_FAIL(mismatch("bool", R[I.a], "Operand of && or ||"));
        SLUICE_NEXT;
    }
    SLUICE_CASE(for_prepare) {
        SLUICE_TRY(for_prepare(&R[I.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(for_next) {
        Value* const state = &R[I.a];
        if (state[0].is_int()) {
            const auto at = state[0].as_int();
            if (at == state[1].as_int())
                state[0] = Value();
            else
                state[0] = Value::integer(at + 1);
            state[3] = Value::integer(at);
        } else if (!for_next(state)) {
            SLUICE_NEXT;
        }
        SLUICE_SPEND;
        pc += I.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(for_count) {
        R[I.a] = for_count(&R[I.b]);
        SLUICE_NEXT;
    }

    // --- calls
    SLUICE_CASE(call) {
        SLUICE_SPEND;
        SLUICE_ENTER(*frame.function->unit->functions[I.c]);
    }
    SLUICE_CASE(call_module) {
        SLUICE_SPEND;
        const auto& target = frames_.back().function->unit->qualified[I.c];
        SLUICE_ENTER(*target.unit->functions[target.function]);
    }
    SLUICE_CASE(call_member) {
        SLUICE_SPEND;
        const auto base = frames_.back().base;
        frames_.back().pc = pc;
        SLUICE_TRY(call_member(Value(R[I.b]), K[I.c].as_string(), base + I.b, I.x, base + I.a));
        goto enter;
    }
    SLUICE_CASE(call_native) {
        SLUICE_SPEND;
        const auto& group = *frames_.back().function->unit->natives[I.c];
        const auto* native = group.select(&R[I.b + 1]);
        frames_.back().pc = pc;
        if (!native) SLUICE_FAIL(function_not_found(group.name, &R[I.b + 1], group.count));
        const auto base = frames_.back().base;
        const auto outcome = start_native(*native, base + I.b + 1, counts_nested_ ? native_result_ : R[I.a]);
        if (outcome == Outcome::done && !counts_nested_) [[likely]] {
            drop(base + I.b + 1, base + I.b + 1 + group.count);
            if (holds_too_much()) [[unlikely]]
                goto full;
            SLUICE_NEXT;
        }
        SLUICE_TRY(finish_native(outcome, *native, base + I.b, base + I.b + 1, base + I.a, next));
        if (next != Next::here) goto leave;
        R = stack_.get() + base;
        drop(base + I.b + 1, base + I.b + 1 + group.count);
        SLUICE_NEXT;
    }
    SLUICE_CASE(call_method) {
        SLUICE_SPEND;
        const auto caller = frames_.size() - 1;
        frames_.back().pc = pc;
        bool settled = false;
        const bool writes_back = pc->op == Opcode::write_back;
        SLUICE_GROW(call_method(frames_.back().function->methods[I.c], frames_.back().base + I.b,
                                frames_.back().base + I.a, next, settled));
        if (settled && writes_back) frames_[caller].pc = ++pc;
        if (next != Next::here) goto leave;
        R = stack_.get() + frames_[caller].base;
        SLUICE_NEXT;
    }
    SLUICE_CASE(write_back) {
        frames_.back().pc = pc;
        SLUICE_TRY(write_back(frames_.back().function->paths[I.b], R[I.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(return_) {
        if (leave_function(&R[I.a])) goto enter_function;
        goto enter;
    }
    SLUICE_CASE(return_unit) {
        if (leave_function(nullptr)) goto enter_function;
        goto enter;
    }
    SLUICE_CASE(throw_) SLUICE_FAIL(make_thrown(R[I.a]));
    SLUICE_CASE(rethrow) {
        if (!R[I.b].is(Tag::error)) goto misshapen;
        if (!R[I.a].is_unit()) SLUICE_FAIL(make_thrown(R[I.a]));
        SLUICE_FAIL(std::make_unique<ScriptError>(*static_cast<ErrorObject&>(*R[I.b].object()).error));
    }
    SLUICE_CASE(catch_) {
        if (!R[I.b].is(Tag::error)) goto misshapen;
        R[I.a] = to_value(*static_cast<ErrorObject&>(*R[I.b].object()).error);
        SLUICE_NEXT;
    }
    SLUICE_CASE(raise_variable) SLUICE_FAIL(named_error(ErrorKind::variable_not_found, "Variable not found", K[I.b]));
    SLUICE_CASE(raise_constant)
    SLUICE_FAIL(named_error(ErrorKind::assignment_to_constant, "Cannot assign to constant", K[I.b]));
    SLUICE_CASE(raise_module) SLUICE_FAIL(named_error(ErrorKind::module_not_found, "Module not found", K[I.b]));
    SLUICE_CASE(raise_function) SLUICE_FAIL(function_not_found(K[I.b].as_string(), &R[I.a + 1], I.x));

    // --- functions and modules
    SLUICE_CASE(closure) {
        R[I.a] = make_closure(*frames_.back().function->unit->functions[I.b], R, frames_.back().closure);
        SLUICE_NEXT;
    }
    SLUICE_CASE(function) {
        SLUICE_TRY(function_by_name(K[I.b], R[I.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(function_name) {
        SLUICE_TRY(function_by_name(R[I.b], R[I.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(import) {
        frames_.back().pc = pc;
        SLUICE_TRY(import_unit(*frames_.back().function->unit->imports[I.b], next));
        if (next == Next::frame) goto enter;
        SLUICE_NEXT;
    }
    SLUICE_CASE(import_named) {
        frames_.back().pc = pc;
        SLUICE_TRY(import_named(Value(R[I.b]), R[I.a], next));
        if (next == Next::frame) goto enter;
        SLUICE_NEXT;
    }
    SLUICE_CASE(directive) {
        SLUICE_TRY(make_directive(I.x, R[I.b], R[I.b + 1], K[I.c], R[I.a]));
        SLUICE_NEXT;
    }

leave:
    if (next == Next::suspended) return suspend();
    goto enter;

full:
    failure = holds_too_much_error();
    goto failed;
// The emitter never gets here: bytecode put a value where one of another kind belongs.
misshapen:
    failure = make_error(ErrorKind::terminated, "the bytecode is damaged");
failed:
    if (pc && !frames_.empty() && frames_.back().function && R == stack_.get() + frames_.back().base)
        frames_.back().pc = pc;
    if (!unwind(failure)) return finish_error(std::move(failure));
    goto enter;
}

}  // namespace sluice::dsl::vm
