// The dispatch loop: one instruction after the other until the run ends, fails or waits.
#include "dsl/vm/dispatch_macros.hpp"
#include "dsl/vm/instructions.hpp"
#include "dsl/vm/vm.hpp"

namespace sluice::dsl::vm {

using code::Instruction;
using code::Opcode;

inline bool Vm::leave_function(Value value) {
    const auto return_to = frames_.back().return_to;
    const auto base = frames_.back().base;
    const auto& function = *frames_.back().function;
    if (loading_ && function.index == 0) loading_->units[function.unit->index].state = Globals::State::done;
    pop_frame();
    if (frames_.empty()) {
        result_ = std::move(value);
        stack_[base] = Value();
        return false;
    }
    if (!frames_.back().function) {
        auto& request = *top_task().promise().request;
        request.result = std::move(value);
        request.self = std::move(stack_[base]);
        top_task().resume();
    } else if (return_to != discard) {
        stack_[return_to] = std::move(value);
    }
    return true;
}

Status Vm::execute() {
    static const void* const targets[] = {
#define SLUICE_OP(name, x, a, b, c) &&op_##name,
#include "dsl/code/opcodes.def"
#undef SLUICE_OP
    };
    Frame* frame = nullptr;
    const Instruction* pc = nullptr;
    Value* R = nullptr;
    const Value* K = nullptr;
    Instruction in{Opcode::move};
    ErrorPtr failure;
    Next next = Next::here;

enter:
    if (frames_.empty()) return Status::done;
    frame = &frames_.back();
    if (!frame->function) {
        // A native task: it was just started, or a callback has returned to it.
        SLUICE_TRY(task_requested(next));
        if (next == Next::suspended) return suspend();
        goto enter;
    }
    pc = frame->pc;
    R = stack_.get() + frame->base;
    K = frame->function->constants.data();
    SLUICE_NEXT;

    // --- moving values
    SLUICE_CASE(move) {
        R[in.a] = R[in.b];
        SLUICE_NEXT;
    }
    SLUICE_CASE(take) {
        R[in.a] = std::move(R[in.b]);
        SLUICE_NEXT;
    }
    SLUICE_CASE(load_const) {
        R[in.a] = K[in.b];
        SLUICE_NESTED(R[in.a]);
        SLUICE_NEXT;
    }
    SLUICE_CASE(load_unit) {
        R[in.a] = Value();
        SLUICE_NEXT;
    }
    SLUICE_CASE(load_bool) {
        R[in.a] = Value::boolean(in.x != 0);
        SLUICE_NEXT;
    }
    SLUICE_CASE(load_int) {
        R[in.a] = Value::integer(in.bc());
        SLUICE_NEXT;
    }
    SLUICE_CASE(clear) {
        for (std::uint32_t i = 0; i < in.b; ++i) R[in.a + i] = Value();
        SLUICE_NEXT;
    }
    SLUICE_CASE(new_cell) {
        R[in.a] = make_cell(std::move(R[in.b]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_cell) {
        if (!R[in.b].is(Tag::cell)) goto misshapen;
        R[in.a] = R[in.b].as_cell().value;
        SLUICE_NEXT;
    }
    SLUICE_CASE(set_cell) {
        if (!R[in.a].is(Tag::cell) || R[in.a].object()->frozen()) goto misshapen;
        R[in.a].as_cell().value = R[in.b];
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_capture) {
        const Value& capture = frame->closure.as_fn().captures[in.b];
        R[in.a] = capture.is(Tag::cell) ? capture.as_cell().value : capture;
        SLUICE_NEXT;
    }
    SLUICE_CASE(set_capture) {
        frame->pc = pc;
        SLUICE_TRY(set_capture(in.a, R[in.b]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_global) {
        SLUICE_TRY(get_global(*frame->function->unit->imports[in.b], in.c, R[in.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(set_global) {
        if (!loading_) goto misshapen;
        loading_->set(*frame->function->unit, in.c, R[in.a]);
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_member) {
        SLUICE_TRY(get_member(R[in.b], K[in.c], R[in.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_this) {
        if (!frame->this_bound) SLUICE_FAIL(unbound_this());
        R[in.a] = R[0];
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
        const Value& x = R[in.b];
        const Value& y = K[in.c];
        if (x.is_int() && y.is_int() && y.as_int() > 0)
            R[in.a] = Value::integer(x.as_int() % y.as_int());
        else
            SLUICE_TRY(binary(Op::mod, x, y, R[in.a], limits_));
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
        SLUICE_TRY(contains(R[in.b], R[in.c], found));
        R[in.a] = Value::boolean(found != (in.x != 0));
        SLUICE_NEXT;
    }
    SLUICE_CASE(contains_const) {
        bool found = false;
        SLUICE_TRY(contains(K[in.b], R[in.c], found));
        R[in.a] = Value::boolean(found != (in.x != 0));
        SLUICE_NEXT;
    }
    SLUICE_CASE(make_range) {
        SLUICE_GROW(range_of(R[in.b], R[in.c], in.x != 0, R[in.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(neg) {
        SLUICE_TRY(negate(R[in.b], R[in.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(plus) {
        SLUICE_TRY(unary_plus(R[in.b], R[in.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(not_) {
        if (R[in.b].is_bool())
            R[in.a] = Value::boolean(!R[in.b].as_bool());
        else
            SLUICE_TRY(logical_not(R[in.b], R[in.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(concat) {
        SLUICE_GROW(concat(&R[in.b], in.c, R[in.a], limits_));
        SLUICE_NEXT;
    }
    SLUICE_CASE(compound) {
        const Value& x = R[in.a];
        const Value& y = R[in.b];
        std::int64_t r;
        if (in.x == static_cast<int>(Op::add) && x.is_int() && y.is_int() &&
            !__builtin_add_overflow(x.as_int(), y.as_int(), &r)) {
            R[in.a] = Value::integer(r);
        } else {
            SLUICE_GROW(compound(static_cast<Op>(in.x), R[in.a], y, limits_));
            SLUICE_NESTED(R[in.a]);
        }
        SLUICE_NEXT;
    }
    SLUICE_CASE(compound_const) {
        const Value& x = R[in.a];
        const Value& y = K[in.b];
        std::int64_t r;
        if (in.x == static_cast<int>(Op::add) && x.is_int() && y.is_int() &&
            !__builtin_add_overflow(x.as_int(), y.as_int(), &r)) {
            R[in.a] = Value::integer(r);
        } else {
            SLUICE_GROW(compound(static_cast<Op>(in.x), R[in.a], y, limits_));
            SLUICE_NESTED(R[in.a]);
        }
        SLUICE_NEXT;
    }

    // --- containers
    SLUICE_CASE(new_array) {
        R[in.a] = array_of(&R[in.b], in.c);
        SLUICE_NESTED(R[in.a]);
        SLUICE_NEXT;
    }
    SLUICE_CASE(push) {
        if (!R[in.a].is_array()) goto misshapen;
        SLUICE_GROW(append(R[in.a], std::move(R[in.b]), limits_));
        SLUICE_NESTED(R[in.a]);
        SLUICE_NEXT;
    }
    SLUICE_CASE(new_map) {
        R[in.a] = make_map();
        SLUICE_NEXT;
    }
    SLUICE_CASE(set_field) {
        if (!R[in.a].is_map()) goto misshapen;
        R[in.a].own_map().insert_or_find(K[in.c]) = std::move(R[in.b]);
        SLUICE_NESTED(R[in.a]);
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_index) {
        const Value& from = R[in.b];
        const Value& key = R[in.c];
        if (from.is_array() && key.is_int() &&
            static_cast<std::uint64_t>(key.as_int()) < from.as_array().items.size())
            R[in.a] = from.as_array().items[static_cast<std::size_t>(key.as_int())];
        else
            SLUICE_TRY(get_index(from, key, R[in.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_index_const) {
        SLUICE_TRY(get_index(R[in.b], K[in.c], R[in.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(get_property) {
        SLUICE_TRY(get_property(frame->function->properties[in.c], R[in.b], R[in.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(set_path) {
        SLUICE_GROW(set_path(frame->function->paths[in.a], R[in.b]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(update_path) {
        SLUICE_GROW(update_path(frame->function->paths[in.a], static_cast<Op>(in.x), R[in.b]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(set_index) {
        const Value& to = R[in.a];
        const Value& key = R[in.b];
        if (to.is_array() && to.object()->unique() && key.is_int() && !counts_nested_ &&
            static_cast<std::uint64_t>(key.as_int()) < to.as_array().items.size()) {
            to.as_array().items[static_cast<std::size_t>(key.as_int())] = R[in.c];
        } else {
            SLUICE_GROW(set_index(R[in.a], key, R[in.c], limits_));
            SLUICE_NESTED(R[in.a]);
        }
        SLUICE_NEXT;
    }

    // --- control
    SLUICE_CASE(jump) {
        pc += in.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(jump_back) {
        SLUICE_SPEND;
        pc += in.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(jump_if) {
        if (!R[in.a].is_bool()) SLUICE_FAIL(no_condition(R[in.a], in.x != 0));
        if (R[in.a].as_bool()) pc += in.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(jump_unless) {
        if (!R[in.a].is_bool()) SLUICE_FAIL(no_condition(R[in.a], in.x != 0));
        if (!R[in.a].as_bool()) pc += in.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(jump_if_unit) {
        if (R[in.a].is_unit()) pc += in.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(jump_unless_unit) {
        if (!R[in.a].is_unit()) pc += in.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(jump_unless_match) {
        if (label_matches(R[in.a], K[pc->c], pc->x != 0))
            ++pc;
        else
            pc += in.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(label) SLUICE_NEXT;
    SLUICE_CASE(switch_on) {
        pc += frame->function->switches[in.b].offset(R[in.a]);
        SLUICE_NEXT;
    }
    SLUICE_CASE(check_bool) {
        if (!R[in.a].is_bool()) SLUICE_FAIL(mismatch("bool", R[in.a], "Operand of && or ||"));
        SLUICE_NEXT;
    }
    SLUICE_CASE(for_prepare) {
        SLUICE_TRY(for_prepare(&R[in.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(for_next) {
        Value* const state = &R[in.a];
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
        pc += in.bc();
        SLUICE_NEXT;
    }
    SLUICE_CASE(for_count) {
        R[in.a] = for_count(&R[in.b]);
        SLUICE_NEXT;
    }

    // --- calls
    SLUICE_CASE(call) {
        SLUICE_SPEND;
        frame->pc = pc;
        SLUICE_TRY(push_frame(*frame->function->unit->functions[in.c], frame->base + in.b, frame->base + in.a));
        goto enter;
    }
    SLUICE_CASE(call_module) {
        SLUICE_SPEND;
        frame->pc = pc;
        const auto& target = frame->function->unit->qualified[in.c];
        SLUICE_TRY(push_frame(*target.unit->functions[target.function], frame->base + in.b, frame->base + in.a));
        goto enter;
    }
    SLUICE_CASE(call_member) {
        SLUICE_SPEND;
        frame->pc = pc;
        SLUICE_TRY(call_member(Value(R[in.b]), K[in.c].as_string(), frame->base + in.b, in.x, frame->base + in.a));
        goto enter;
    }
    SLUICE_CASE(call_native) {
        SLUICE_SPEND;
        frame->pc = pc;
        const auto base = frame->base + in.b;
        SLUICE_GROW(call_native(*frame->function->unit->natives[in.c], base, base + 1, frame->base + in.a, next));
        if (next != Next::here) goto leave;
        R = stack_.get() + frame->base;
        SLUICE_NEXT;
    }
    SLUICE_CASE(call_method) {
        SLUICE_SPEND;
        const auto caller = frames_.size() - 1;
        frame->pc = pc;
        bool settled = false;
        const bool writes_back = pc->op == Opcode::write_back;
        SLUICE_GROW(call_method(frame->function->methods[in.c], frame->base + in.b, frame->base + in.a, next, settled));
        frame = &frames_[caller];
        if (settled && writes_back) frame->pc = pc + 1;
        if (next != Next::here) goto leave;
        pc = frame->pc;
        R = stack_.get() + frame->base;
        SLUICE_NEXT;
    }
    SLUICE_CASE(write_back) {
        frame->pc = pc;
        SLUICE_TRY(write_back(frame->function->paths[in.b], R[in.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(return_) {
        if (leave_function(std::move(R[in.a]))) goto enter;
        return Status::done;
    }
    SLUICE_CASE(return_unit) {
        if (leave_function(Value())) goto enter;
        return Status::done;
    }
    SLUICE_CASE(throw_) SLUICE_FAIL(make_thrown(R[in.a]));
    SLUICE_CASE(rethrow) {
        if (!R[in.b].is(Tag::error)) goto misshapen;
        if (!R[in.a].is_unit()) SLUICE_FAIL(make_thrown(R[in.a]));
        SLUICE_FAIL(std::make_unique<ScriptError>(*static_cast<ErrorObject&>(*R[in.b].object()).error));
    }
    SLUICE_CASE(catch_) {
        if (!R[in.b].is(Tag::error)) goto misshapen;
        R[in.a] = to_value(*static_cast<ErrorObject&>(*R[in.b].object()).error);
        SLUICE_NEXT;
    }
    SLUICE_CASE(raise_variable) SLUICE_FAIL(named_error(ErrorKind::variable_not_found, "Variable not found", K[in.b]));
    SLUICE_CASE(raise_constant)
    SLUICE_FAIL(named_error(ErrorKind::assignment_to_constant, "Cannot assign to constant", K[in.b]));
    SLUICE_CASE(raise_module) SLUICE_FAIL(named_error(ErrorKind::module_not_found, "Module not found", K[in.b]));
    SLUICE_CASE(raise_function) SLUICE_FAIL(function_not_found(K[in.b].as_string(), &R[in.a + 1], in.x));

    // --- functions and modules
    SLUICE_CASE(closure) {
        R[in.a] = make_closure(*frame->function->unit->functions[in.b], R, frame->closure);
        SLUICE_NEXT;
    }
    SLUICE_CASE(function) {
        R[in.a] = pointer_by_name(K[in.b], frame->function->unit);
        SLUICE_NEXT;
    }
    SLUICE_CASE(function_name) {
        SLUICE_TRY(function_by_name(R[in.b], R[in.a]));
        SLUICE_NEXT;
    }
    SLUICE_CASE(import) {
        frame->pc = pc;
        SLUICE_TRY(import_unit(*frame->function->unit->imports[in.b], next));
        if (next == Next::frame) goto enter;
        SLUICE_NEXT;
    }
    SLUICE_CASE(import_named) {
        frame->pc = pc;
        SLUICE_TRY(import_named(Value(R[in.b]), R[in.a], next));
        if (next == Next::frame) goto enter;
        SLUICE_NEXT;
    }
    SLUICE_CASE(directive) {
        SLUICE_TRY(make_directive(in.x, R[in.b], R[in.b + 1], K[in.c], R[in.a]));
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
