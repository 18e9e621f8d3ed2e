// Constants, exports and imports at run time (vsl-language.md section 15).
#include <fmt/format.h>

#include "dsl/vm/vm.hpp"

namespace sluice::dsl::vm {

ErrorPtr Vm::get_global(const code::Unit& unit, std::uint16_t slot, Value& result) {
    const auto& state = globals_.units[unit.index];
    if (!state.ready[slot]) {
        auto error = make_error(ErrorKind::variable_not_found,
                                fmt::format("Variable not found: {} has no value yet", unit.slots[slot]));
        error->subject = unit.slots[slot];
        return error;
    }
    result = Value(state.values[slot]);
    return nullptr;
}

// Units are evaluated once, in a frame of their own above the registers of the importing one.
ErrorPtr Vm::import_unit(const code::Unit& unit, Next& next) {
    next = Next::here;
    if (limits_.imports != 0 && ++imports_ > limits_.imports)
        return make_error(ErrorKind::too_many_modules,
                          fmt::format("Too many modules: the limit is {}", limits_.imports));
    if (globals_.units[unit.index].state != Globals::State::untouched) return nullptr;
    if (!loading_)
        return make_error(ErrorKind::module_not_found,
                          fmt::format("Module '{}' was not evaluated when the script was loaded", unit.path));
    loading_->units[unit.index].state = Globals::State::running;
    const auto& frame = frames_.back();
    const auto base = frame.base + frame.function->registers;
    reserve(base + 1);
    if (auto error = push_frame(*unit.functions[0], base, discard)) return error;
    next = Next::frame;
    return nullptr;
}

// A module found at run time is a function pointer to nothing but its unit.
ErrorPtr Vm::import_named(const Value& path, Value& result, Next& next) {
    next = Next::here;
    if (!path.is_string()) return mismatch("string", path, "Path of an import");
    const code::Unit* unit = nullptr;
    const auto text = path.as_string();
    for (const auto& candidate : program_.units) {
        if (candidate->path.empty()) continue;
        if (candidate->path == text || candidate->path == std::string(text) + ".vsl") unit = candidate.get();
    }
    if (!unit) {
        auto error = make_error(ErrorKind::module_not_found, fmt::format("Module not found: '{}'", text));
        error->subject = text;
        return error;
    }
    auto module = make_object<FnObject>();
    module.as_fn().unit = unit;
    module.as_fn().name = path;
    result = std::move(module);
    return import_unit(*unit, next);
}

const code::Unit* Vm::unit_of(const Value& module) const {
    return module.is_fn() ? static_cast<const code::Unit*>(module.as_fn().unit) : nullptr;
}

ErrorPtr Vm::get_member(const Value& module, const Value& name, Value& result) {
    const auto* unit = unit_of(module);
    const auto slot =
        unit ? unit->exports.find(std::string(name.as_string())) : decltype(unit->exports)::const_iterator{};
    if (!unit || slot == unit->exports.end()) {
        auto error = make_error(ErrorKind::variable_not_found, fmt::format("Variable not found: {}", name.as_string()));
        error->subject = name.as_string();
        return error;
    }
    return get_global(*unit, slot->second, result);
}

}  // namespace sluice::dsl::vm
