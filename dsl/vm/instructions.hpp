// What instructions do that is too rare or too large for the dispatch loop. Private to dsl/vm.
#pragma once

#include "dsl/code/program.hpp"
#include "dsl/value/error.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::vm {

// "Variable not found: x" and its like; `name` becomes the subject.
[[nodiscard]] ErrorPtr named_error(ErrorKind kind, std::string_view text, const Value& name);
[[nodiscard]] ErrorPtr unbound_this();
// A condition that is no boolean; `negated`: the condition is !value.
[[nodiscard]] ErrorPtr no_condition(const Value& value, bool negated);
// The texts of `count` values, one after the other.
[[nodiscard]] ErrorPtr concat(const Value* parts, std::size_t count, Value& result, const Limits& limits);
// An array of what is in the registers, which become ().
[[nodiscard]] Value array_of(Value* items, std::size_t count);
// One more item for an array literal.
[[nodiscard]] ErrorPtr append(Value& array, Value item, const Limits& limits);
// `running` is the closure being run, for captures handed on.
[[nodiscard]] Value make_closure(const Function& function, const Value* registers, const Value& running);
// A comparison as a condition.
[[nodiscard]] ErrorPtr truth(Op op, const Value& left, const Value& right, bool& result, const Limits& limits);
[[nodiscard]] ErrorPtr range_of(const Value& start, const Value& end, bool inclusive, Value& result);
// Whether a switch label takes the subject; `range`: labels that are ranges ask for membership.
[[nodiscard]] bool label_matches(const Value& subject, const Value& label, bool range) noexcept;

}  // namespace sluice::dsl::vm
