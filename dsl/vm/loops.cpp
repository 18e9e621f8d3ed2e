// The state of a `for` loop in four registers: source, position, number of items so far, item. A range of integers is
// its next integer, its last one, its first one, item; () in place of the next one means that there is none.
#include <fmt/format.h>

#include "dsl/value/iterators.hpp"
#include "dsl/vm/vm.hpp"

namespace sluice::dsl::vm {

ErrorPtr Vm::for_prepare(Value* state) {
    state[2] = Value::integer(0);
    if (state[0].is_range()) {
        const auto& range = state[0].as_range();
        if (range.empty()) {
            state[0] = Value();
            return nullptr;
        }
        state[1] = Value::integer(range.inclusive ? range.end : range.end - 1);
        state[2] = Value::integer(range.start);
        state[0] = Value(state[2]);
        return nullptr;
    }
    if (state[0].is_array()) {
        state[1] = Value::integer(0);
        return nullptr;
    }
    if (state[0].is(Tag::iterator)) {
        state[0] = state[0].as_iterator().clone();
        return nullptr;
    }
    auto iterator = make_iterator(state[0]);
    if (iterator.is_unit())
        return make_error(ErrorKind::for_, fmt::format("For loop expects something to walk, not a value of type {}",
                                                       type_name(state[0])));
    state[0] = std::move(iterator);
    return nullptr;
}

// Integers are counted in the dispatch loop itself.
bool Vm::for_next(Value* state) {
    switch (state[0].tag()) {
        case Tag::array: {
            const auto& items = state[0].as_array().items;
            const auto at = static_cast<std::size_t>(state[1].as_int());
            if (at >= items.size()) return false;
            state[3] = items[at];
            state[1] = Value::integer(static_cast<std::int64_t>(at + 1));
            break;
        }
        case Tag::iterator:
            if (!state[0].as_iterator().next(state[3])) return false;
            break;
        default: return false;
    }
    state[2] = Value::integer(state[2].as_int() + 1);
    return true;
}

Value Vm::for_count(const Value* state) noexcept {
    if (!state[0].is_int() && !state[0].is_unit()) return Value::integer(state[2].as_int() - 1);
    const auto item = static_cast<std::uint64_t>(state[0].is_int() ? state[0].as_int() - 1 : state[1].as_int());
    return Value::integer(static_cast<std::int64_t>(item - static_cast<std::uint64_t>(state[2].as_int())));
}

}  // namespace sluice::dsl::vm
