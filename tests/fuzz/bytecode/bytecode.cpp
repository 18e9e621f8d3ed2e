// Damaged bytecode: the input is a script, a zero byte, and changes of seven bytes each (what, function, place, place,
// value, value, field). What the verifier accepts is run and must end without harm, whatever it computes.
// It may lose memory, by putting a value into itself: run with -detect_leaks=0.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "dsl/code/verifier.hpp"
#include "dsl/lib/library.hpp"
#include "dsl/tools/session.hpp"
#include "dsl/value/operations.hpp"

namespace {

using namespace sluice::dsl;

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
    switch (change.field % 7) {
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
    auto* handler = pick(function.handlers, change.place);
    if (!handler) return;
    switch (change.field % 4) {
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
    switch (change.field % 5) {
        case 0: path->root = static_cast<code::Path::Root>(change.value % 4); break;
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

void change_site(Function& function, const Change& change) {
    auto* site = pick(function.methods, change.place);
    if (!site) return;
    switch (change.field % 4) {
        case 0: site->count = static_cast<std::uint8_t>(change.value); break;
        case 1: site->function = change.value; break;
        case 2: site->path = change.value; break;
        case 3: site->special = static_cast<code::MethodSite::Special>(change.value % 3); break;
    }
}

void change_function(Function& function, const Change& change) {
    auto* capture = pick(function.captures, change.place);
    auto* constant = pick(function.constants, change.place);
    switch (change.field % 5) {
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

void apply(code::Program& program, const Change& change) {
    auto& unit = **pick(program.units, change.function >> 4);
    auto& function = **pick(unit.functions, change.function);
    switch (change.what % 8) {
        case 0: change_handler(function, change); break;
        case 1: change_path(function, change); break;
        case 2: change_site(function, change); break;
        case 3: change_function(function, change); break;
        default: change_instruction(function, change); break;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto* end = static_cast<const std::uint8_t*>(std::memchr(data, 0, size));
    if (!end) return 0;
    {
        Limits limits;
        limits.operations = 20'000;
        limits.memory_bytes = 64u << 20;
        limits.string_bytes = 1u << 20;
        limits.array_items = 100'000;
        limits.wall_ms = 500;
        tools::Session session(lib::base_library(), limits);
        Diagnostics diagnostics;
        auto loaded = session.compile(
            "fuzz.vsl", std::string(reinterpret_cast<const char*>(data), static_cast<std::size_t>(end - data)), false,
            false, diagnostics);
        if (!loaded.program) return 0;
        const auto* at = end + 1;
        for (int count = 0; count < 64 && data + size - at >= 7; ++count, at += 7)
            apply(*loaded.program, {at[0], at[1], static_cast<std::uint16_t>(at[2] | at[3] << 8),
                                    static_cast<std::uint16_t>(at[4] | at[5] << 8), at[6]});
        bool sound = true;
        for (const auto& unit : loaded.program->units) sound = sound && code::verify(*unit).empty();
        Value result;
        if (sound) {
            const auto error = session.run(loaded, result);
            std::string shown;
            (void)append_debug(error ? to_value(*error) : result, shown, limits);
        }
    }
    return 0;
}
