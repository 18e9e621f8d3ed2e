// A run-time error of a script (vsl-language.md section 14) and the limits whose excess is one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/source/source_file.hpp"
#include "dsl/value/value.hpp"

namespace sluice::dsl {

enum class ErrorKind : std::uint8_t {
    runtime,  // throw, host failures
    arithmetic,
    variable_not_found,
    function_not_found,
    module_not_found,
    mismatch_data_type,
    dot_expr,
    indexing_type,
    array_bounds,
    string_bounds,
    bit_field_bounds,
    for_,
    assignment_to_constant,
    non_pure_method_call_on_constant,
    unbound_this,
    in_function_call,
    in_module,
    // not catchable from here on
    stack_overflow,
    too_many_operations,
    data_too_large,
    too_many_modules,
    terminated,
    parsing,
};

[[nodiscard]] std::string_view name(ErrorKind kind) noexcept;  // "ErrorArithmetic"
[[nodiscard]] inline bool catchable(ErrorKind kind) noexcept { return kind < ErrorKind::stack_overflow; }
[[nodiscard]] inline bool is_limit(ErrorKind kind) noexcept {
    return kind >= ErrorKind::stack_overflow && kind <= ErrorKind::terminated;
}

struct TraceLine {
    std::string function;  // "f", "anonymous function", "rule \"x\""
    SourcePtr source;
    Span span;
};

struct ScriptError {
    ErrorKind kind = ErrorKind::runtime;
    std::string message;
    Value thrown;  // kind == runtime: the value
    // Fields of the error map, where they apply.
    std::string subject;  // function signature, variable, property, module, type
    std::int64_t index = 0;
    std::int64_t length = 0;
    std::string requested;
    std::string actual;
    // Where it happened, and through which calls it passed, innermost first.
    SourcePtr source;
    Span span;
    bool in_function = false;  // seen by a script as ErrorInFunctionCall with `kind` as cause
    bool in_module = false;
    std::vector<TraceLine> trace;
};

using ErrorPtr = std::unique_ptr<ScriptError>;

[[nodiscard]] ErrorPtr make_error(ErrorKind kind, std::string message);
[[nodiscard]] ErrorPtr make_thrown(Value value);
// What `catch (e)` binds: the thrown value itself, or the map of section 14.
[[nodiscard]] Value to_value(const ScriptError& error);

// Budgets of one run; 0 means unlimited (section 17), which for sizes is what the representation can hold.
struct Limits {
    std::uint64_t operations = 1'000'000;
    std::uint32_t call_depth = 64;
    std::uint64_t string_bytes = 16u << 20;
    std::uint64_t array_items = 1'000'000;
    std::uint64_t map_items = 100'000;
    std::uint64_t memory_bytes = 256u << 20;
    std::uint32_t wall_ms = 0;
    std::uint64_t imports = 0;  // `import` statements executed
    // Small size limits count nested elements too, as Rhai does; large ones leave the total to memory_bytes, because
    // counting it again after every change would cost more than it protects.
    [[nodiscard]] bool counts_nested() const noexcept {
        return array_items <= nested_below || map_items <= nested_below;
    }
    // The same with the unlimited sizes spelled out.
    [[nodiscard]] Limits bounded() const noexcept;

    static constexpr std::uint64_t nested_below = 4096;
};

}  // namespace sluice::dsl
