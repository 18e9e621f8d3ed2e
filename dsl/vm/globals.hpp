// Constants and exports of the units of a program, filled while it is loaded, then frozen and shared by all threads.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dsl/code/program.hpp"
#include "dsl/value/cells.hpp"

namespace sluice::dsl::vm {

struct Globals {
    enum class State : std::uint8_t { untouched, running, done };
    struct UnitState {
        State state = State::untouched;
        std::vector<Value> values;  // by slot
        std::vector<bool> ready;
    };
    FrozenSet frozen;              // first, so that it outlives the values below
    CellList cells;                // made while loading
    std::vector<UnitState> units;  // by Unit::index

    explicit Globals(const code::Program& program) {
        units.resize(program.units.size());
        for (const auto& unit : program.units) {
            units[unit->index].values.resize(unit->slots.size());
            units[unit->index].ready.resize(unit->slots.size());
        }
    }
    // By now all results of the load are gone; what is left of its closures may be cycles.
    ~Globals() {
        units.clear();
        cells.collect();
    }
    void set(const code::Unit& unit, std::uint16_t slot, const Value& value) {
        units[unit.index].values[slot] = value;
        units[unit.index].ready[slot] = true;
    }
    void freeze() {
        for (auto& unit : units)
            for (auto& value : unit.values) frozen.freeze(value);
    }
};

}  // namespace sluice::dsl::vm
