// The dispatch loop: one instruction after the other until the run ends, fails or waits.
#include <fmt/format.h>

#include "dsl/vm/vm.hpp"

namespace sluice::dsl::vm {

using code::Instruction;
using code::Opcode;

namespace {

ErrorPtr named(ErrorKind kind, std::string_view text, const Value& name) {
    auto error = make_error(kind, fmt::format("{}: {}", text, name.as_string()));
    error->subject = name.as_string();
    return error;
}

ErrorPtr concat(const Value* parts, std::size_t count, Value& result, const Limits& limits) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        if (parts[i].is_string())
            text += parts[i].as_string();
        else if (auto error = append_text(parts[i], text, limits))
            return error;
        if (limits.string_bytes != 0 && text.size() > limits.string_bytes) return too_large("Length of string");
    }
    result = Value::string(text);
    return nullptr;
}

Value make_closure(const Function& function, const Value* registers, const Value& running) {
    auto value = make_object<FnObject>();
    auto& fn = value.as_fn();
    fn.function = &function;
    fn.unit = function.unit;
    fn.name = Value::string(function.name);
    fn.params = function.params;
    fn.anonymous = true;
    fn.captures.reserve(function.captures.size());
    for (const auto& capture : function.captures)
        fn.captures.push_back(capture.from == code::CaptureSource::From::capture
                                  ? running.as_fn().captures[capture.index]
                                  : registers[capture.index]);
    return value;
}

}  // namespace

// The fast paths are written out; everything else goes through the operations of dsl/value.
#define SLUICE_INT_OP(opcode, builtin, op)                                    \
    case Opcode::opcode: {                                                    \
        const Value& x = R[in.b];                                             \
        const Value& y = R[in.c];                                             \
        std::int64_t r;                                                       \
        if (x.is_int() && y.is_int() && !builtin(x.as_int(), y.as_int(), &r)) \
            R[in.a] = Value::integer(r);                                      \
        else                                                                  \
            SLUICE_GROW(binary(op, x, y, R[in.a], limits_))                   \
        break;                                                                \
    }
#define SLUICE_INT_OP_CONST(opcode, builtin, op)                              \
    case Opcode::opcode: {                                                    \
        const Value& x = R[in.b];                                             \
        const Value& y = K[in.c];                                             \
        std::int64_t r;                                                       \
        if (x.is_int() && y.is_int() && !builtin(x.as_int(), y.as_int(), &r)) \
            R[in.a] = Value::integer(r);                                      \
        else                                                                  \
            SLUICE_GROW(binary(op, x, y, R[in.a], limits_))                   \
        break;                                                                \
    }
#define SLUICE_BINARY(opcode, op) \
    case Opcode::opcode: SLUICE_GROW(binary(op, R[in.b], R[in.c], R[in.a], limits_)) break;
#define SLUICE_COMPARE(opcode, operator_, op, right)                   \
    case Opcode::opcode: {                                             \
        const Value& x = R[in.b];                                      \
        const Value& y = right[in.c];                                  \
        if (x.is_int() && y.is_int())                                  \
            R[in.a] = Value::boolean(x.as_int() operator_ y.as_int()); \
        else if (auto e = binary(op, x, y, R[in.a], limits_))          \
            SLUICE_FAIL(e);                                            \
        break;                                                         \
    }
// The jump that follows is taken unless the outcome is x.
#define SLUICE_TEST(opcode, operator_, op, right)                          \
    case Opcode::opcode: {                                                 \
        const Value& x = R[in.a];                                          \
        const Value& y = right[in.b];                                      \
        bool outcome;                                                      \
        if (x.is_int() && y.is_int()) {                                    \
            outcome = x.as_int() operator_ y.as_int();                     \
        } else {                                                           \
            Value truth;                                                   \
            if (auto e = binary(op, x, y, truth, limits_)) SLUICE_FAIL(e); \
            outcome = truth.as_bool();                                     \
        }                                                                  \
        if (outcome == static_cast<bool>(in.x))                            \
            ++pc;                                                          \
        else                                                               \
            pc += 1 + pc->bc();                                            \
        break;                                                             \
    }
#define SLUICE_NESTED(value)                              \
    if (limits_.counts_nested()) {                        \
        if (auto e = check_nested(value)) SLUICE_FAIL(e); \
    }
// An operation that may allocate: code without a call or loop spends nothing, so its memory is looked at here.
#define SLUICE_GROW(operation)                  \
    {                                           \
        if (auto e = operation) SLUICE_FAIL(e); \
        if (holds_too_much()) {                 \
            failure = holds_too_much_error();   \
            goto failed;                        \
        }                                       \
    }
#define SLUICE_FAIL(e)          \
    {                           \
        failure = std::move(e); \
        goto failed;            \
    }

Status Vm::execute() {
    const Instruction* pc = nullptr;
    Value* R = nullptr;
    const Value* K = nullptr;
    ErrorPtr failure;
    Next next = Next::here;

enter:
    if (frames_.empty()) return Status::done;
    if (!frames_.back().function) {
        // A native task: it was just started, or a callback has returned to it.
        if (auto e = task_requested(next)) SLUICE_FAIL(e);
        if (next == Next::suspended) return suspend();
        goto enter;
    }
    pc = frames_.back().pc;
    R = stack_.get() + frames_.back().base;
    K = frames_.back().function->constants.data();

    for (;;) {
        const Instruction in = *pc++;
        switch (in.op) {
            case Opcode::move: R[in.a] = R[in.b]; break;
            case Opcode::take: R[in.a] = std::move(R[in.b]); break;
            case Opcode::load_const: R[in.a] = K[in.b]; break;
            case Opcode::load_unit: R[in.a] = Value(); break;
            case Opcode::load_bool: R[in.a] = Value::boolean(in.x != 0); break;
            case Opcode::load_int: R[in.a] = Value::integer(in.bc()); break;
            case Opcode::clear:
                for (std::uint32_t i = 0; i < in.b; ++i) R[in.a + i] = Value();
                break;
            case Opcode::new_cell: R[in.a] = make_cell(std::move(R[in.b])); break;
            case Opcode::get_cell:
                if (!R[in.b].is(Tag::cell)) goto misshapen;
                R[in.a] = R[in.b].as_cell().value;
                break;
            case Opcode::set_cell:
                if (!R[in.a].is(Tag::cell) || R[in.a].object()->frozen()) goto misshapen;
                R[in.a].as_cell().value = R[in.b];
                break;
            case Opcode::get_capture: {
                const Value& capture = frames_.back().closure.as_fn().captures[in.b];
                R[in.a] = capture.is(Tag::cell) ? capture.as_cell().value : capture;
                break;
            }
            case Opcode::set_capture: {
                code::Path path;
                path.root = code::Path::Root::capture;
                path.index = in.a;
                frames_.back().pc = pc;
                if (auto e = set_path(path, R[in.b])) SLUICE_FAIL(e);
                break;
            }
            case Opcode::get_global:
                if (auto e = get_global(*frames_.back().function->unit->imports[in.b], in.c, R[in.a])) SLUICE_FAIL(e);
                break;
            case Opcode::set_global: {
                if (!loading_) goto misshapen;
                auto& unit = loading_->units[frames_.back().function->unit->index];
                unit.values[in.c] = R[in.a];
                unit.ready[in.c] = true;
                break;
            }
            case Opcode::get_member:
                if (auto e = get_member(R[in.b], K[in.c], R[in.a])) SLUICE_FAIL(e);
                break;
            case Opcode::get_this:
                if (!frames_.back().this_bound) {
                    auto e = make_error(ErrorKind::unbound_this, "'this' is not bound to a value here");
                    SLUICE_FAIL(e);
                }
                R[in.a] = R[0];
                break;

                SLUICE_INT_OP(add, __builtin_add_overflow, Op::add)
                SLUICE_INT_OP(sub, __builtin_sub_overflow, Op::sub)
                SLUICE_INT_OP(mul, __builtin_mul_overflow, Op::mul)
                SLUICE_INT_OP_CONST(add_const, __builtin_add_overflow, Op::add)
                SLUICE_INT_OP_CONST(sub_const, __builtin_sub_overflow, Op::sub)
                SLUICE_INT_OP_CONST(mul_const, __builtin_mul_overflow, Op::mul)
            case Opcode::mod_const: {
                const Value& x = R[in.b];
                const Value& y = K[in.c];
                if (x.is_int() && y.is_int() && y.as_int() > 0)
                    R[in.a] = Value::integer(x.as_int() % y.as_int());
                else if (auto e = binary(Op::mod, x, y, R[in.a], limits_))
                    SLUICE_FAIL(e);
                break;
            }
                SLUICE_BINARY(div, Op::div)
                SLUICE_BINARY(mod, Op::mod)
                SLUICE_BINARY(pow, Op::pow)
                SLUICE_BINARY(shl, Op::shl)
                SLUICE_BINARY(shr, Op::shr)
                SLUICE_BINARY(bit_and, Op::bit_and)
                SLUICE_BINARY(bit_or, Op::bit_or)
                SLUICE_BINARY(bit_xor, Op::bit_xor)
                SLUICE_COMPARE(eq, ==, Op::eq, R)
                SLUICE_COMPARE(ne, !=, Op::ne, R)
                SLUICE_COMPARE(lt, <, Op::lt, R)
                SLUICE_COMPARE(le, <=, Op::le, R)
                SLUICE_COMPARE(gt, >, Op::gt, R)
                SLUICE_COMPARE(ge, >=, Op::ge, R)
                SLUICE_COMPARE(eq_const, ==, Op::eq, K)
                SLUICE_COMPARE(ne_const, !=, Op::ne, K)
                SLUICE_COMPARE(lt_const, <, Op::lt, K)
                SLUICE_COMPARE(le_const, <=, Op::le, K)
                SLUICE_COMPARE(gt_const, >, Op::gt, K)
                SLUICE_COMPARE(ge_const, >=, Op::ge, K)
                SLUICE_TEST(test_lt, <, Op::lt, R)
                SLUICE_TEST(test_le, <=, Op::le, R)
                SLUICE_TEST(test_eq, ==, Op::eq, R)
                SLUICE_TEST(test_lt_const, <, Op::lt, K)
                SLUICE_TEST(test_le_const, <=, Op::le, K)
                SLUICE_TEST(test_gt_const, >, Op::gt, K)
                SLUICE_TEST(test_ge_const, >=, Op::ge, K)
                SLUICE_TEST(test_eq_const, ==, Op::eq, K)
            case Opcode::contains: {
                bool found = false;
                if (auto e = contains(R[in.b], R[in.c], found)) SLUICE_FAIL(e);
                R[in.a] = Value::boolean(found != (in.x != 0));
                break;
            }
            case Opcode::make_range:
                if (!R[in.b].is_int() || !R[in.c].is_int()) {
                    const Value ends[] = {R[in.b], R[in.c]};
                    auto e = function_not_found(in.x ? "..=" : "..", ends, 2);
                    SLUICE_FAIL(e);
                }
                R[in.a] = make_range(R[in.b].as_int(), R[in.c].as_int(), in.x != 0);
                break;
            case Opcode::neg:
                if (auto e = negate(R[in.b], R[in.a])) SLUICE_FAIL(e);
                break;
            case Opcode::plus:
                if (auto e = unary_plus(R[in.b], R[in.a])) SLUICE_FAIL(e);
                break;
            case Opcode::not_:
                if (auto e = logical_not(R[in.b], R[in.a])) SLUICE_FAIL(e);
                break;
            case Opcode::concat: SLUICE_GROW(concat(&R[in.b], in.c, R[in.a], limits_)) break;
            case Opcode::compound:
                SLUICE_GROW(compound(static_cast<Op>(in.x), R[in.a], R[in.b], limits_))
                SLUICE_NESTED(R[in.a])
                break;
            case Opcode::compound_const: {
                std::int64_t r;
                if (in.x == static_cast<int>(Op::add) && R[in.a].is_int() && K[in.b].is_int() &&
                    !__builtin_add_overflow(R[in.a].as_int(), K[in.b].as_int(), &r)) {
                    R[in.a] = Value::integer(r);
                } else {
                    SLUICE_GROW(compound(static_cast<Op>(in.x), R[in.a], K[in.b], limits_))
                    SLUICE_NESTED(R[in.a])
                }
                break;
            }

            case Opcode::new_array: {
                Values items;
                items.reserve(in.c);
                for (std::uint32_t i = 0; i < in.c; ++i) items.push_back(std::move(R[in.b + i]));
                R[in.a] = make_array(std::move(items));
                SLUICE_NESTED(R[in.a])
                break;
            }
            case Opcode::push: {
                if (!R[in.a].is_array()) goto misshapen;
                auto& items = R[in.a].own_array().items;
                items.push_back(std::move(R[in.b]));
                if (items.size() > limits_.array_items) {
                    auto e = too_large("Size of array");
                    SLUICE_FAIL(e);
                }
                SLUICE_NESTED(R[in.a])
                break;
            }
            case Opcode::new_map: R[in.a] = make_map(); break;
            case Opcode::set_field:
                if (!R[in.a].is_map()) goto misshapen;
                R[in.a].own_map().insert_or_find(K[in.c]) = std::move(R[in.b]);
                SLUICE_NESTED(R[in.a])
                break;
            case Opcode::get_index:
                if (auto e = get_index(R[in.b], R[in.c], R[in.a])) SLUICE_FAIL(e);
                break;
            case Opcode::get_index_const:
                if (auto e = get_index(R[in.b], K[in.c], R[in.a])) SLUICE_FAIL(e);
                break;
            case Opcode::get_property:
                if (auto e = get_property(frames_.back().function->properties[in.c], R[in.b], R[in.a])) SLUICE_FAIL(e);
                break;
            case Opcode::set_path: SLUICE_GROW(set_path(frames_.back().function->paths[in.a], R[in.b])) break;
            case Opcode::update_path:
                SLUICE_GROW(update_path(frames_.back().function->paths[in.a], static_cast<Op>(in.x), R[in.b]))
                break;
            case Opcode::set_index:
                SLUICE_GROW(set_index(R[in.a], R[in.b], R[in.c], limits_))
                SLUICE_NESTED(R[in.a])
                break;

            case Opcode::jump: pc += in.bc(); break;
            case Opcode::jump_back:
                if (auto e = spend()) SLUICE_FAIL(e);
                pc += in.bc();
                break;
            case Opcode::jump_if:
            case Opcode::jump_unless:
                if (!R[in.a].is_bool()) {
                    auto e = mismatch("bool", R[in.a], "Condition");
                    SLUICE_FAIL(e);
                }
                if (R[in.a].as_bool() == (in.op == Opcode::jump_if)) pc += in.bc();
                break;
            case Opcode::jump_if_unit:
                if (R[in.a].is_unit()) pc += in.bc();
                break;
            case Opcode::jump_unless_unit:
                if (!R[in.a].is_unit()) pc += in.bc();
                break;
            case Opcode::jump_unless_match: {
                const Value& label = K[pc->c];
                const Value& subject = R[in.a];
                bool hit;
                if (pc->x == 0) {
                    hit = matches(subject, label);
                } else {
                    const auto& range = label.as_range();
                    hit = subject.is_int()
                              ? range.contains(subject.as_int())
                              : subject.is_float() && subject.as_float() >= static_cast<double>(range.start) &&
                                    (range.inclusive ? subject.as_float() <= static_cast<double>(range.end)
                                                     : subject.as_float() < static_cast<double>(range.end));
                }
                if (hit)
                    ++pc;
                else
                    pc += in.bc();
                break;
            }
            case Opcode::label: break;
            case Opcode::check_bool:
                if (!R[in.a].is_bool()) {
                    auto e = mismatch("bool", R[in.a], "Operand of && or ||");
                    SLUICE_FAIL(e);
                }
                break;
            case Opcode::for_prepare:
                if (auto e = for_prepare(&R[in.a])) SLUICE_FAIL(e);
                break;
            case Opcode::for_next:
                if (!for_next(&R[in.a])) pc += in.bc();
                break;
            case Opcode::for_count: R[in.a] = Value::integer(R[in.b + 2].as_int() - 1); break;

            case Opcode::call: {
                if (auto e = spend()) SLUICE_FAIL(e);
                auto& frame = frames_.back();
                frame.pc = pc;
                const auto base = frame.base + in.b;
                R[in.b] = Value();
                if (auto e = push_frame(*frame.function->unit->functions[in.c], base, frame.base + in.a))
                    SLUICE_FAIL(e);
                goto enter;
            }
            case Opcode::call_module: {
                if (auto e = spend()) SLUICE_FAIL(e);
                auto& frame = frames_.back();
                frame.pc = pc;
                const auto base = frame.base + in.b;
                const auto& target = frame.function->unit->qualified[in.c];
                R[in.b] = Value();
                if (auto e = push_frame(*target.unit->functions[target.function], base, frame.base + in.a))
                    SLUICE_FAIL(e);
                goto enter;
            }
            case Opcode::call_member: {
                if (auto e = spend()) SLUICE_FAIL(e);
                auto& frame = frames_.back();
                frame.pc = pc;
                const Value module = R[in.b];
                if (auto e = call_member(module, K[in.c].as_string(), frame.base + in.b, in.x, frame.base + in.a))
                    SLUICE_FAIL(e);
                goto enter;
            }
            case Opcode::call_native: {
                if (auto e = spend()) SLUICE_FAIL(e);
                auto& frame = frames_.back();
                frame.pc = pc;
                const auto base = frame.base + in.b;
                if (auto e = call_native(*frame.function->unit->natives[in.c], base, base + 1, frame.base + in.a, next))
                    SLUICE_FAIL(e);
                if (next == Next::suspended) return suspend();
                if (next == Next::frame) goto enter;
                R = stack_.get() + frames_.back().base;
                break;
            }
            case Opcode::call_method: {
                if (auto e = spend()) SLUICE_FAIL(e);
                const auto caller = frames_.size() - 1;
                frames_[caller].pc = pc;
                const auto frame_base = frames_[caller].base;
                bool settled = false;
                const bool writes_back = pc->op == Opcode::write_back;
                if (auto e = call_method(frames_[caller].function->methods[in.c], frame_base + in.b, frame_base + in.a,
                                         next, settled))
                    SLUICE_FAIL(e);
                if (settled && writes_back) frames_[caller].pc = pc + 1;
                if (next == Next::suspended) return suspend();
                if (next == Next::frame) goto enter;
                pc = frames_[caller].pc;
                R = stack_.get() + frame_base;
                break;
            }
            case Opcode::write_back:
                frames_.back().pc = pc;
                if (auto e = write_back(frames_.back().function->paths[in.b], R[in.a])) SLUICE_FAIL(e);
                break;
            case Opcode::return_:
            case Opcode::return_unit: {
                Value value;
                if (in.op == Opcode::return_) value = std::move(R[in.a]);
                const auto return_to = frames_.back().return_to;
                const auto base = frames_.back().base;
                const auto& function = *frames_.back().function;
                if (loading_ && function.index == 0) loading_->units[function.unit->index].state = Globals::State::done;
                pop_frame();
                if (frames_.empty()) {
                    result_ = std::move(value);
                    stack_[base] = Value();
                    return Status::done;
                }
                if (!frames_.back().function) {
                    auto& request = *frames_.back().task.promise().request;
                    request.result = std::move(value);
                    request.self = std::move(stack_[base]);
                    frames_.back().task.resume();
                } else if (return_to != discard) {
                    stack_[return_to] = std::move(value);
                }
                goto enter;
            }
            case Opcode::throw_: {
                auto e = make_thrown(R[in.a]);
                SLUICE_FAIL(e);
            }
            case Opcode::rethrow: {
                if (!R[in.b].is(Tag::error)) goto misshapen;
                if (!R[in.a].is_unit()) {
                    auto e = make_thrown(R[in.a]);
                    SLUICE_FAIL(e);
                }
                auto& caught = static_cast<ErrorObject&>(*R[in.b].object());
                auto e = std::make_unique<ScriptError>(*caught.error);
                SLUICE_FAIL(e);
            }
            case Opcode::catch_:
                if (!R[in.b].is(Tag::error)) goto misshapen;
                R[in.a] = to_value(*static_cast<ErrorObject&>(*R[in.b].object()).error);
                break;
            case Opcode::raise_variable: {
                auto e = named(ErrorKind::variable_not_found, "Variable not found", K[in.b]);
                SLUICE_FAIL(e);
            }
            case Opcode::raise_constant: {
                auto e = named(ErrorKind::assignment_to_constant, "Cannot assign to constant", K[in.b]);
                SLUICE_FAIL(e);
            }
            case Opcode::raise_module: {
                auto e = named(ErrorKind::module_not_found, "Module not found", K[in.b]);
                SLUICE_FAIL(e);
            }
            case Opcode::raise_function: {
                auto e = function_not_found(K[in.b].as_string(), &R[in.a + 1], in.x);
                SLUICE_FAIL(e);
            }

            case Opcode::closure: {
                const auto& frame = frames_.back();
                R[in.a] = make_closure(*frame.function->unit->functions[in.b], R, frame.closure);
                break;
            }
            case Opcode::function:
                if (auto e = function_by_name(K[in.b], R[in.a])) SLUICE_FAIL(e);
                break;
            case Opcode::function_name:
                if (auto e = function_by_name(R[in.b], R[in.a])) SLUICE_FAIL(e);
                break;
            case Opcode::import: {
                auto& frame = frames_.back();
                frame.pc = pc;
                if (auto e = import_unit(*frame.function->unit->imports[in.b], next)) SLUICE_FAIL(e);
                if (next == Next::frame) goto enter;
                break;
            }
            case Opcode::import_named: {
                frames_.back().pc = pc;
                const Value path = R[in.b];
                if (auto e = import_named(path, R[in.a], next)) SLUICE_FAIL(e);
                if (next == Next::frame) goto enter;
                break;
            }
            case Opcode::directive:
                if (auto e = make_directive(in.x, R[in.b], R[in.b + 1], K[in.c], R[in.a])) SLUICE_FAIL(e);
                break;
        }
    }

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
