#include "dsl/code/verifier.hpp"

#include <fmt/format.h>

#include "dsl/value/operations.hpp"

namespace sluice::dsl::code {

namespace {

constexpr OpcodeInfo infos[] = {
#define SLUICE_OP(name, x, a, b, c) {#name, x, a, b, c},
#include "dsl/code/opcodes.def"
#undef SLUICE_OP
};
constexpr std::size_t opcode_count = sizeof infos / sizeof infos[0];

class Verifier {
  public:
    Verifier(const Unit& unit, const Function& function) : unit_(unit), function_(function) {}

    std::string run() {
        if (function_.code.empty()) return "no code";
        if (function_.offsets.size() != function_.code.size()) return "positions do not match the code";
        if (function_.registers == 0 || function_.params >= function_.registers) return "too few registers";
        for (std::size_t at = 0; at < function_.code.size(); ++at)
            if (auto problem = instruction(at); !problem.empty())
                return fmt::format("{} instruction {}: {}", function_.name, at, problem);
        if (!ends(function_.code.back().op)) return "runs past its end";
        return tables();
    }

  private:
    static bool ends(Opcode op) {
        return op == Opcode::return_ || op == Opcode::return_unit || op == Opcode::jump || op == Opcode::jump_back ||
               op == Opcode::throw_ || op == Opcode::rethrow || op == Opcode::raise_variable;
    }

    [[nodiscard]] std::string operand(char kind, std::uint16_t value, const Instruction& in, std::size_t at) const {
        switch (kind) {
            case 'R':
            case 'W': return value < function_.registers ? "" : "register out of range";
            case 'K': return value < function_.constants.size() ? "" : "constant out of range";
            case 'U': return value < captures() ? "" : "capture out of range";
            case 'F': return value < unit_.functions.size() && value > 0 ? "" : "function out of range";
            case 'Q': return value < unit_.qualified.size() ? "" : "module function out of range";
            case 'G': return value < unit_.natives.size() ? "" : "native function out of range";
            case 'S': return value < function_.methods.size() ? "" : "method site out of range";
            case 'P': return value < function_.properties.size() ? "" : "property site out of range";
            case 'T': return value < function_.paths.size() ? "" : "path out of range";
            case 'M': return value < unit_.imports.size() ? "" : "module out of range";
            case 'J': {
                const auto target = static_cast<std::int64_t>(at) + 1 + in.bc();
                return target >= 0 && target < static_cast<std::int64_t>(function_.code.size()) ? "" : "jump out of range";
            }
            default: return "";
        }
    }

    [[nodiscard]] std::size_t captures() const {
        return function_.anonymous ? function_.captures.size() : function_.capture_names.size();
    }

    [[nodiscard]] std::string window(std::uint32_t first, std::uint32_t count) const {
        return first + count <= function_.registers ? "" : "window of registers out of range";
    }

    [[nodiscard]] std::string instruction(std::size_t at) const {
        const auto& in = function_.code[at];
        if (static_cast<std::size_t>(in.op) >= opcode_count) return "unknown opcode";
        const auto& kinds = infos[static_cast<std::size_t>(in.op)];
        if (auto p = operand(kinds.a, in.a, in, at); !p.empty()) return p;
        if (auto p = operand(kinds.b, in.b, in, at); !p.empty()) return p;
        if (auto p = operand(kinds.c, in.c, in, at); !p.empty()) return p;
        switch (in.op) {
            case Opcode::clear: return window(in.a, in.b);
            case Opcode::concat:
            case Opcode::new_array: return window(in.b, in.c);
            case Opcode::call:
                if (unit_.functions[in.c]->params != in.x) return "wrong number of arguments";
                return window(in.b, in.x + 1u);
            case Opcode::call_module: {
                const auto& target = unit_.qualified[in.c];
                if (target.unit->functions[target.function]->params != in.x) return "wrong number of arguments";
                return window(in.b, in.x + 1u);
            }
            case Opcode::call_member: return window(in.b, in.x + 1u);
            case Opcode::raise_function: return window(in.a, in.x + 1u);
            case Opcode::call_native: return window(in.b, unit_.natives[in.c]->count + 1u);
            case Opcode::call_method: {
                const auto& site = function_.methods[in.c];
                if (site.path != none && (at + 1 >= function_.code.size() || function_.code[at + 1].op != Opcode::write_back))
                    return "method on a path without write_back";
                return window(in.b, site.count + 1u);
            }
            case Opcode::jump_unless_match:
                return at + 1 < function_.code.size() && function_.code[at + 1].op == Opcode::label ? "" : "match without label";
            case Opcode::test_lt: case Opcode::test_le: case Opcode::test_eq: case Opcode::test_lt_const:
            case Opcode::test_le_const: case Opcode::test_gt_const: case Opcode::test_ge_const: case Opcode::test_eq_const:
                return at + 2 < function_.code.size() && function_.code[at + 1].op == Opcode::jump ? "" : "test without jump";
            case Opcode::for_prepare:
            case Opcode::for_next: return window(in.a, 4);
            case Opcode::for_count: return window(in.b, 4);
            case Opcode::directive: return window(in.b, 2);
            case Opcode::compound:
            case Opcode::compound_const:
            case Opcode::update_path: return in.x <= static_cast<int>(Op::bit_xor) ? "" : "unknown operator";
            case Opcode::get_global: return in.c < unit_.imports[in.b]->slots.size() ? "" : "slot out of range";
            case Opcode::set_global: return in.c < unit_.slots.size() ? "" : "slot out of range";
            default: return "";
        }
    }

    [[nodiscard]] std::string path(const Path& path) const {
        const bool sound = path.root == Path::Root::this_ || (path.root == Path::Root::capture ? path.index < captures() : path.index < function_.registers);
        if (!sound) return "path root out of range";
        for (const auto& step : path.steps)
            if (step.key >= (step.key_const ? function_.constants.size() : function_.registers)) return "path key out of range";
        return "";
    }

    [[nodiscard]] std::string tables() const {
        for (const auto& one : function_.paths)
            if (auto problem = path(one); !problem.empty()) return problem;
        for (const auto& handler : function_.handlers)
            if (handler.begin > handler.end || handler.end > function_.code.size() || handler.target >= function_.code.size() ||
                handler.error_register >= function_.registers)
                return "handler out of range";
        for (const auto& site : function_.methods)
            if ((site.path != none && site.path >= function_.paths.size()) || (site.function != none && site.function >= unit_.functions.size()))
                return "method site out of range";
        return "";
    }

    const Unit& unit_;
    const Function& function_;
};

}  // namespace

const OpcodeInfo& info(Opcode op) noexcept { return infos[static_cast<std::size_t>(op)]; }

std::string verify(const Unit& unit) {
    for (const auto& function : unit.functions)
        if (auto problem = Verifier(unit, *function).run(); !problem.empty()) return problem;
    return "";
}

}  // namespace sluice::dsl::code
