// Functions every value has (vsl-language.md sections 16 and 18).
#include "dsl/lib/library.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::lib {

namespace {

Outcome type_of(NativeCall& call) { return call.ok(Value::string(type_name(call.args[0]))); }

Outcome to_string(NativeCall& call) {
    if (call.args[0].is_string()) return call.ok(call.args[0]);
    std::string text;
    if (auto error = append_text(call.args[0], text, call.limits)) return call.fail(std::move(error));
    return call.ok(Value::string(text));
}

Outcome to_debug(NativeCall& call) {
    std::string text;
    if (auto error = append_debug(call.args[0], text, call.limits)) return call.fail(std::move(error));
    return call.ok(Value::string(text));
}

Outcome print(NativeCall& call) {
    std::string text;
    if (call.count > 0)
        if (auto error = append_text(call.args[0], text, call.limits)) return call.fail(std::move(error));
    if (call.printer) call.printer(call.printer_context, text);
    return call.ok();
}

Outcome debug(NativeCall& call) {
    std::string text;
    if (call.count > 0)
        if (auto error = append_debug(call.args[0], text, call.limits)) return call.fail(std::move(error));
    if (call.printer) call.printer(call.printer_context, text);
    return call.ok();
}

Outcome take(NativeCall& call) {
    Value taken = std::move(call.args[0]);
    call.args[0] = Value();
    return call.ok(std::move(taken));
}

Outcome fn_name(NativeCall& call) { return call.ok(call.args[0].as_fn().name); }
Outcome fn_is_anonymous(NativeCall& call) { return call.ok(Value::boolean(call.args[0].as_fn().anonymous)); }

}  // namespace

void add_core(NativeTable& table) {
    using namespace accepts;
    table.add("type_of", {any}, type_of);
    table.add("to_string", {any}, to_string);
    table.add("to_debug", {any}, to_debug);
    table.add("print", {}, print);
    table.add("print", {any}, print);
    table.add("debug", {}, debug);
    table.add("debug", {any}, debug);
    table.add("take", {any}, take, mutates);
    table.add("name", {fn}, fn_name, property);
    table.add("is_anonymous", {fn}, fn_is_anonymous, property);
}

}  // namespace sluice::dsl::lib
