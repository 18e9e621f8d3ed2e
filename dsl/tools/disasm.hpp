// Bytecode for people: every function with its source lines, instructions, constants (`sluice disasm`).
#pragma once

#include <iosfwd>
#include <string>

#include "dsl/code/program.hpp"

namespace sluice::dsl::tools {

void disassemble(const code::Program& program, std::ostream& out);
// Compiles a rule script and shows it; diagnostics go to `err`. Exit code.
int disassemble_file(const std::string& path, std::ostream& out, std::ostream& err);

}  // namespace sluice::dsl::tools
