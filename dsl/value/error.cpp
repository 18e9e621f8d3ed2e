#include "dsl/value/error.hpp"

#include "dsl/value/objects.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl {

Limits Limits::bounded() const noexcept {
    constexpr std::uint64_t most_string_bytes = 1u << 30;
    constexpr std::uint64_t most_items = 1u << 26;
    const auto bound = [](std::uint64_t limit, std::uint64_t most) {
        return limit == 0 || limit > most ? most : limit;
    };
    auto limits = *this;
    limits.string_bytes = bound(string_bytes, most_string_bytes);
    limits.array_items = bound(array_items, most_items);
    limits.map_items = bound(map_items, most_items);
    return limits;
}

ErrorObject::ErrorObject(std::unique_ptr<ScriptError> e) noexcept : HeapObject(Tag::error), error(std::move(e)) {}
ErrorObject::~ErrorObject() = default;

std::string_view name(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::runtime: return "ErrorRuntime";
        case ErrorKind::arithmetic: return "ErrorArithmetic";
        case ErrorKind::variable_not_found: return "ErrorVariableNotFound";
        case ErrorKind::function_not_found: return "ErrorFunctionNotFound";
        case ErrorKind::module_not_found: return "ErrorModuleNotFound";
        case ErrorKind::mismatch_data_type: return "ErrorMismatchDataType";
        case ErrorKind::dot_expr: return "ErrorDotExpr";
        case ErrorKind::indexing_type: return "ErrorIndexingType";
        case ErrorKind::array_bounds: return "ErrorArrayBounds";
        case ErrorKind::string_bounds: return "ErrorStringBounds";
        case ErrorKind::bit_field_bounds: return "ErrorBitFieldBounds";
        case ErrorKind::for_: return "ErrorFor";
        case ErrorKind::assignment_to_constant: return "ErrorAssignmentToConstant";
        case ErrorKind::non_pure_method_call_on_constant: return "ErrorNonPureMethodCallOnConstant";
        case ErrorKind::unbound_this: return "ErrorUnboundThis";
        case ErrorKind::in_function_call: return "ErrorInFunctionCall";
        case ErrorKind::in_module: return "ErrorInModule";
        case ErrorKind::stack_overflow: return "ErrorStackOverflow";
        case ErrorKind::too_many_operations: return "ErrorTooManyOperations";
        case ErrorKind::data_too_large: return "ErrorDataTooLarge";
        case ErrorKind::too_many_modules: return "ErrorTooManyModules";
        case ErrorKind::terminated: return "ErrorTerminated";
        case ErrorKind::parsing: return "ErrorParsing";
    }
    return "ErrorRuntime";
}

ErrorPtr make_error(ErrorKind kind, std::string message) {
    auto error = std::make_unique<ScriptError>();
    error->kind = kind;
    error->message = std::move(message);
    return error;
}

ErrorPtr make_thrown(Value value) {
    auto error = std::make_unique<ScriptError>();
    error->kind = ErrorKind::runtime;
    error->message = value.is_string() ? std::string(value.as_string()) : brief(value);
    error->thrown = std::move(value);
    return error;
}

namespace {
void add_kind_fields(const ScriptError& error, MapObject& map) {
    switch (error.kind) {
        case ErrorKind::function_not_found:
        case ErrorKind::non_pure_method_call_on_constant: map.set("function", Value::string(error.subject)); break;
        case ErrorKind::variable_not_found:
        case ErrorKind::assignment_to_constant: map.set("variable", Value::string(error.subject)); break;
        case ErrorKind::dot_expr: map.set("property", Value::string(error.subject)); break;
        case ErrorKind::array_bounds:
        case ErrorKind::string_bounds:
        case ErrorKind::bit_field_bounds:
            map.set("index", Value::integer(error.index));
            map.set("length", Value::integer(error.length));
            break;
        case ErrorKind::mismatch_data_type:
            map.set("requested", Value::string(error.requested));
            map.set("actual", Value::string(error.actual));
            break;
        case ErrorKind::module_not_found: map.set("module", Value::string(error.subject)); break;
        case ErrorKind::indexing_type: map.set("type", Value::string(error.subject)); break;
        default: break;
    }
}
}  // namespace

Value to_value(const ScriptError& error) {
    if (error.kind == ErrorKind::runtime) return error.thrown;
    Value result = make_map();
    auto& map = result.as_map();
    const bool wrapped = error.in_function || error.in_module;
    const auto outer = error.in_function ? ErrorKind::in_function_call
                       : error.in_module ? ErrorKind::in_module
                                         : error.kind;
    map.set("error", Value::string(name(outer)));
    if (wrapped) map.set("cause", Value::string(name(error.kind)));
    std::string message = error.message;
    for (const auto& line : error.trace) message += "\nin call to function '" + line.function + "'";
    map.set("message", Value::string(message));
    if (error.source) {
        const auto position = error.source->position(error.span.begin);
        map.set("line", Value::integer(position.line));
        map.set("position", Value::integer(position.column));
        if (!error.source->name().empty()) map.set("source", Value::string(error.source->name()));
    }
    add_kind_fields(error, map);
    if (error.in_function && !error.trace.empty() && !map.find("function"))
        map.set("function", Value::string(error.trace.front().function));
    return result;
}

}  // namespace sluice::dsl
