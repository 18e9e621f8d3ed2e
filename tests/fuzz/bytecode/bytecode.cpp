// Damaged bytecode: the input is a script, a zero byte, and changes of seven bytes each (what, function, place, place,
// value, value, field). What the verifier accepts is run and must end without harm, whatever it computes.
// Everything an instruction can refer to is changed: operands, order and number of instructions, constants, handlers,
// paths, method and property sites, captures, the tables of the file. Damaged code may lose memory by putting a value
// into itself, so leaks are not looked for.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "dsl/code/verifier.hpp"
#include "dsl/lib/library.hpp"
#include "dsl/tools/session.hpp"
#include "dsl/value/operations.hpp"
#include "tests/reference/generator.hpp"

namespace {

using namespace sluice::dsl;
namespace reference = sluice::reference;

struct Change {
    std::uint8_t what, function;
    std::uint16_t place, value;
    std::uint8_t field;
};

template <class List>
auto* pick(List& list, std::size_t at) {
    return list.empty() ? nullptr : &list[at % list.size()];
}

void change_instruction(Function& function, const Change& change) {
    auto* in = pick(function.code, change.place);
    if (!in) return;
    switch (change.field % 9) {
        case 7:  // one more
            function.code.insert(function.code.begin() + (in - function.code.data()),
                                 *pick(function.code, change.value));
            function.offsets.push_back(0);
            break;
        case 8:  // one less
            function.code.erase(function.code.begin() + (in - function.code.data()));
            function.offsets.pop_back();
            break;
        case 0: in->op = static_cast<code::Opcode>(change.value); break;
        case 1: in->x = static_cast<std::uint8_t>(change.value); break;
        case 2: in->a = change.value; break;
        case 3: in->b = change.value; break;
        case 4: in->c = change.value; break;
        case 5: *in = *pick(function.code, change.value); break;
        case 6: std::swap(*in, *pick(function.code, change.value)); break;
    }
}

void change_handler(Function& function, const Change& change) {
    if (change.field % 6 == 4 && function.handlers.size() < 20) {
        const auto low = static_cast<std::uint32_t>(change.value & 0xff);
        function.handlers.insert(function.handlers.begin(), {low, low + (change.value >> 8), change.place, 1});
        return;
    }
    auto* handler = pick(function.handlers, change.place);
    if (!handler) return;
    switch (change.field % 6) {
        case 5: std::swap(*handler, *pick(function.handlers, change.value)); break;
        case 0: handler->begin = change.value; break;
        case 1: handler->end = change.value; break;
        case 2: handler->target = change.value; break;
        case 3: handler->error_register = change.value; break;
    }
}

void change_path(Function& function, const Change& change) {
    auto* path = pick(function.paths, change.place);
    if (!path) return;
    auto* step = pick(path->steps, change.value >> 8);
    switch (change.field % 8) {
        case 5: *path = *pick(function.paths, change.value); break;
        case 6:
            if (step) path->steps.erase(path->steps.begin() + (step - path->steps.data()));
            break;
        case 7:
            if (step) step->property = !step->property;
            break;
        case 0: path->root = static_cast<code::Path::Root>(change.value % 5); break;
        case 1: path->index = change.value; break;
        case 2:
            path->steps.push_back({(change.value & 1) != 0, (change.value & 2) != 0, (change.value & 4) != 0,
                                   static_cast<std::uint16_t>(change.value >> 3)});
            break;
        case 3:
            if (step) step->key = change.value & 0xff;
            break;
        case 4:
            if (step) step->key_const = !step->key_const;
            break;
    }
}

void change_property(Function& function, const Change& change) {
    auto* site = pick(function.properties, change.place);
    if (!site) return;
    if (change.value & 1)
        *site = *pick(function.properties, change.value);
    else if (!function.methods.empty())
        site->native = pick(function.methods, change.value)->native;
}

// A value that stands among the constants, or that no script can write.
Value damaged_constant(std::uint16_t value) {
    switch (value % 8) {
        case 0: return Value();
        case 1: return Value::integer(INT64_MIN);
        case 2: return Value::string("a name longer than fourteen bytes");
        case 3: return make_array();
        case 4: return make_map();
        case 5: return make_range(3, value, true);
        case 6: return make_blob({});
        default: return make_object<CellObject>(Value::integer(value));
    }
}

void change_site(Function& function, const Change& change) {
    if (change.field % 8 == 7) return change_property(function, change);
    auto* site = pick(function.methods, change.place);
    if (!site) return;
    switch (change.field % 8) {
        case 4: site->constant = !site->constant; break;
        case 5: site->native = pick(function.methods, change.value)->native; break;
        case 6: *site = *pick(function.methods, change.value); break;
        case 0: site->count = static_cast<std::uint8_t>(change.value); break;
        case 1: site->function = change.value; break;
        case 2: site->path = change.value; break;
        case 3: site->special = static_cast<code::MethodSite::Special>(change.value % 4); break;
    }
}

void change_function(Function& function, const Change& change) {
    auto* capture = pick(function.captures, change.place);
    auto* constant = pick(function.constants, change.place);
    switch (change.field % 12) {
        case 5:
            if (constant) *constant = damaged_constant(change.value);
            break;
        case 6: function.captures.push_back({code::CaptureSource::From::register_, change.value}); break;
        case 7:
            if (capture) function.captures.pop_back();
            break;
        case 8: function.capture_names.emplace_back("more"); break;
        case 9: function.capture_mutable.push_back(true); break;
        case 10: function.anonymous = !function.anonymous; break;
        case 11: function.index = change.value; break;
        case 0: function.registers = change.value; break;
        case 1: function.params = static_cast<std::uint8_t>(change.value); break;
        case 2:
            if (capture) capture->index = change.value;
            break;
        case 3:
            if (capture) capture->from = static_cast<code::CaptureSource::From>(change.value % 2);
            break;
        case 4:
            if (constant) *constant = *pick(function.constants, change.value);
            break;
    }
}

void change_unit(code::Program& program, code::Unit& unit, const Change& change) {
    const auto other = [&] { return pick(program.units, change.value)->get(); };
    switch (change.field % 8) {
        case 0:
            if (auto* native = pick(unit.natives, change.place)) *native = *pick(unit.natives, change.value);
            break;
        case 1: unit.natives.push_back(nullptr); break;
        case 2: unit.imports.push_back(other()); break;
        case 3: unit.qualified.push_back({other(), change.place}); break;
        case 4:
            if (!unit.slots.empty()) unit.slots.pop_back();
            break;
        case 5: std::swap(*pick(unit.functions, change.place), *pick(unit.functions, change.value)); break;
        case 6: unit.exports["name"] = change.value; break;
        case 7:
            if (auto* target = pick(unit.qualified, change.place)) target->function = change.value;
            break;
    }
}

void apply(code::Program& program, const Change& change) {
    auto& unit = **pick(program.units, change.function >> 4);
    auto& function = **pick(unit.functions, change.function);
    if (function.code.empty()) return;
    switch (change.what % 10) {
        case 4: change_unit(program, unit, change); break;
        case 0: change_handler(function, change); break;
        case 1: change_path(function, change); break;
        case 2: change_site(function, change); break;
        case 3: change_function(function, change); break;
        default: change_instruction(function, change); break;
    }
}

}  // namespace

extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }

namespace {

// A script up to a zero byte; or, after 0x01 and a length in units of eight, bytes that the generator of programs makes
// one of.
std::string script_of(const std::uint8_t*& at, const std::uint8_t* end) {
    if (end - at > 2 && *at == 1) {
        const auto length = std::min<std::ptrdiff_t>(at[1] * 8, end - at - 2);
        const auto* bytes = at + 2;
        at = bytes + length;
        return reference::Generator({bytes, static_cast<std::size_t>(length)}).program();
    }
    const auto* zero = std::find(at, end, 0);
    std::string text(at, zero);
    at = zero == end ? end : zero + 1;
    return text;
}

Limits narrow() {
    Limits limits;
    limits.operations = 20'000;
    limits.memory_bytes = 64u << 20;
    limits.string_bytes = 1u << 20;
    limits.array_items = 100'000;
    limits.wall_ms = 500;
    return limits;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::map<std::string, std::string> modules{
        {"lib.vsl", "export const LIMIT = 25; export let list = [1, 2]; fn twice(x) { x * 2 } private fn own() { 1 }"}};
    const auto* at = data;
    const auto script = script_of(at, data + size);
    const auto limits = narrow();
    MapLoader loader(modules);
    tools::Session session(lib::base_library(), limits);
    session.set_loader(&loader, "");
    Diagnostics diagnostics;
    auto loaded = session.compile("fuzz.vsl", script, false, false, diagnostics);
    if (!loaded.program) return 0;
    for (int count = 0; count < 64 && data + size - at >= 7; ++count, at += 7)
        apply(*loaded.program, {at[0], at[1], static_cast<std::uint16_t>(at[2] | at[3] << 8),
                                static_cast<std::uint16_t>(at[4] | at[5] << 8), at[6]});
    for (const auto& unit : loaded.program->units)
        if (!code::verify(*unit).empty()) return 0;
    Value result;
    const auto error = session.run(loaded, result);
    std::string shown;
    (void)append_debug(error ? to_value(*error) : result, shown, limits);
    return 0;
}
