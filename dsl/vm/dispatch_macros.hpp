// What the dispatch loop is written in. Private to dispatch.cpp.
//
// Each instruction ends by jumping to the next one itself (labels as values, which GCC and Clang have), so that the
// processor learns for every instruction what tends to follow it. R: registers, K: constants, I: the instruction, read
// where it stands, so it ends where pc is changed.
#pragma once

#define SLUICE_CASE(name) op_##name:
#define SLUICE_NEXT                                           \
    do {                                                      \
        ++pc;                                                 \
        goto* targets[static_cast<unsigned char>(pc[-1].op)]; \
    } while (false)
#define I pc[-1]

#define SLUICE_FAIL(e)          \
    do {                        \
        failure = std::move(e); \
        goto failed;            \
    } while (false)
// Runs what gives null or an error.
#define SLUICE_TRY(operation)                \
    do {                                     \
        if (auto e = operation) [[unlikely]] \
            SLUICE_FAIL(e);                  \
    } while (false)
// An operation that may allocate: code without a call or loop spends nothing, so its memory is looked at here.
#define SLUICE_GROW(operation)             \
    do {                                   \
        SLUICE_TRY(operation);             \
        if (holds_too_much()) [[unlikely]] \
            goto full;                     \
    } while (false)
#define SLUICE_NESTED(value)                 \
    do {                                     \
        if (counts_nested_) [[unlikely]]     \
            SLUICE_TRY(check_nested(value)); \
    } while (false)
// One operation of the budget. The rare questions (is it used up, how much memory, how late is it) are asked out of
// line.
#define SLUICE_SPEND                            \
    do {                                        \
        if ((budget_ & 0x3f) == 0) [[unlikely]] \
            SLUICE_TRY(spend());                \
        else                                    \
            --budget_;                          \
    } while (false)

// Calls a script function: what the running one needs to go on stays in its frame, then the new frame is loaded.
#define SLUICE_ENTER(callee)                                                \
    do {                                                                    \
        auto& frame = frames_.back();                                       \
        frame.pc = pc;                                                      \
        SLUICE_TRY(push_frame(callee, frame.base + I.b, frame.base + I.a)); \
        goto enter_function;                                                \
    } while (false)

// The fast paths are written out; everything else goes through the operations of dsl/value.
#define SLUICE_INT_OP(opcode, builtin, op, right)                             \
    SLUICE_CASE(opcode) {                                                     \
        const Value& x = R[I.b];                                              \
        const Value& y = right[I.c];                                          \
        std::int64_t r;                                                       \
        if (x.is_int() && y.is_int() && !builtin(x.as_int(), y.as_int(), &r)) \
            R[I.a] = Value::integer(r);                                       \
        else                                                                  \
            SLUICE_GROW(binary(op, x, y, R[I.a], limits_));                   \
        SLUICE_NEXT;                                                          \
    }
// x op= y, of which x += 1 is the usual one.
#define SLUICE_COMPOUND(opcode, right)                                       \
    SLUICE_CASE(opcode) {                                                    \
        const Value& x = R[I.a];                                             \
        const Value& y = right[I.b];                                         \
        std::int64_t r;                                                      \
        if (I.x == static_cast<int>(Op::add) && x.is_int() && y.is_int() &&  \
            !__builtin_add_overflow(x.as_int(), y.as_int(), &r)) {           \
            R[I.a] = Value::integer(r);                                      \
        } else {                                                             \
            SLUICE_GROW(compound(static_cast<Op>(I.x), R[I.a], y, limits_)); \
            SLUICE_NESTED(R[I.a]);                                           \
        }                                                                    \
        SLUICE_NEXT;                                                         \
    }
#define SLUICE_BINARY(opcode, op)                                 \
    SLUICE_CASE(opcode) {                                         \
        SLUICE_GROW(binary(op, R[I.b], R[I.c], R[I.a], limits_)); \
        SLUICE_NEXT;                                              \
    }
#define SLUICE_COMPARE(opcode, operator_, op, right)                  \
    SLUICE_CASE(opcode) {                                             \
        const Value& x = R[I.b];                                      \
        const Value& y = right[I.c];                                  \
        if (x.is_int() && y.is_int())                                 \
            R[I.a] = Value::boolean(x.as_int() operator_ y.as_int()); \
        else                                                          \
            SLUICE_TRY(binary(op, x, y, R[I.a], limits_));            \
        SLUICE_NEXT;                                                  \
    }
#define SLUICE_EQUALITY(opcode, same, op, right)                         \
    SLUICE_CASE(opcode) {                                                \
        const Value& x = R[I.b];                                         \
        const Value& y = right[I.c];                                     \
        if (x.is_int() && y.is_int())                                    \
            R[I.a] = Value::boolean((x.as_int() == y.as_int()) == same); \
        else if (x.is_string() && y.is_string())                         \
            R[I.a] = Value::boolean(Value::equal_strings(x, y) == same); \
        else                                                             \
            SLUICE_TRY(binary(op, x, y, R[I.a], limits_));               \
        SLUICE_NEXT;                                                     \
    }
// The jump that follows is taken unless the outcome is x.
#define SLUICE_BRANCH(outcome)                                        \
    do {                                                              \
        pc += (outcome) == static_cast<bool>(I.x) ? 1 : 1 + pc->bc(); \
        SLUICE_NEXT;                                                  \
    } while (false)
#define SLUICE_TEST(opcode, operator_, op, right)                                     \
    SLUICE_CASE(opcode) {                                                             \
        const Value& x = R[I.a];                                                      \
        const Value& y = right[I.b];                                                  \
        if (x.is_int() && y.is_int()) SLUICE_BRANCH(x.as_int() operator_ y.as_int()); \
        bool outcome = false;                                                         \
        SLUICE_TRY(truth(op, x, y, outcome, limits_));                                \
        SLUICE_BRANCH(outcome);                                                       \
    }
#define SLUICE_TEST_EQUAL(opcode, right)                                               \
    SLUICE_CASE(opcode) {                                                              \
        const Value& x = R[I.a];                                                       \
        const Value& y = right[I.b];                                                   \
        if (x.is_int() && y.is_int()) SLUICE_BRANCH(x.as_int() == y.as_int());         \
        if (x.is_string() && y.is_string()) SLUICE_BRANCH(Value::equal_strings(x, y)); \
        bool outcome = false;                                                          \
        SLUICE_TRY(truth(Op::eq, x, y, outcome, limits_));                             \
        SLUICE_BRANCH(outcome);                                                        \
    }
