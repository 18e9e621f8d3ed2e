// Checks that bytecode is what the emitter would produce, before it runs: operands inside the frame, the constant
// pool and the tables; names that are strings; jumps to instructions, backward only where they are counted; the pairs
// of instructions that belong together. What only a run can tell (a register that holds a captured variable or a caught
// error) the machine asks itself.
#pragma once

#include <string>

#include "dsl/code/program.hpp"

namespace sluice::dsl::code {

// Empty if the unit is sound, else what is wrong and where.
[[nodiscard]] std::string verify(const Unit& unit);

struct OpcodeInfo {
    std::string_view name;
    char x, a, b, c;  // kinds of opcodes.def
};
[[nodiscard]] const OpcodeInfo& info(Opcode op) noexcept;

}  // namespace sluice::dsl::code
