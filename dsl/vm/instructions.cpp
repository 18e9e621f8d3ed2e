#include "dsl/vm/instructions.hpp"

#include <fmt/format.h>

namespace sluice::dsl::vm {

ErrorPtr named_error(ErrorKind kind, std::string_view text, const Value& name) {
    auto error = make_error(kind, fmt::format("{}: {}", text, name.as_string()));
    error->subject = name.as_string();
    return error;
}

ErrorPtr unbound_this() { return make_error(ErrorKind::unbound_this, "'this' is not bound to a value here"); }

ErrorPtr no_condition(const Value& value, bool negated) {
    return negated ? function_not_found("!", &value, 1) : mismatch("bool", value, "Condition");
}

Value array_of(Value* items, std::size_t count) {
    Values array;
    array.reserve(count);
    for (std::size_t i = 0; i < count; ++i) array.push_back(std::move(items[i]));
    return make_array(std::move(array));
}

ErrorPtr append(Value& array, Value item, const Limits& limits) {
    auto& items = array.own_array().items;
    items.push_back(std::move(item));
    return items.size() > limits.array_items ? too_large("Size of array") : nullptr;
}

ErrorPtr concat(const Value* parts, std::size_t count, Value& result, const Limits& limits) {
    thread_local std::string text;  // keeps its memory
    text.clear();
    for (std::size_t i = 0; i < count; ++i) {
        if (parts[i].is_string())
            text += parts[i].as_string();
        else if (auto error = append_text(parts[i], text, limits))
            return error;
        if (limits.string_bytes != 0 && text.size() > limits.string_bytes) return too_large("Length of string");
    }
    result = Value::string(text);
    constexpr std::size_t worth_keeping = 4096;
    if (text.capacity() > worth_keeping) std::string().swap(text);
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

ErrorPtr truth(Op op, const Value& left, const Value& right, bool& result, const Limits& limits) {
    Value value;
    if (auto error = binary(op, left, right, value, limits)) return error;
    result = value.as_bool();
    return nullptr;
}

ErrorPtr range_of(const Value& start, const Value& end, bool inclusive, Value& result) {
    if (!start.is_int() || !end.is_int()) {
        const Value ends[] = {start, end};
        return function_not_found(inclusive ? "..=" : "..", ends, 2);
    }
    result = make_range(start.as_int(), end.as_int(), inclusive);
    return nullptr;
}

bool label_matches(const Value& subject, const Value& label, bool is_range) noexcept {
    if (!is_range) return matches(subject, label);
    const auto& range = label.as_range();
    if (subject.is_int()) return range.contains(subject.as_int());
    if (!subject.is_float() || subject.as_float() < static_cast<double>(range.start)) return false;
    return range.inclusive ? subject.as_float() <= static_cast<double>(range.end)
                           : subject.as_float() < static_cast<double>(range.end);
}

}  // namespace sluice::dsl::vm
