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

bool is_text(const Value& v) { return v.is_string(); }

class Verifier {
  public:
    Verifier(const Unit& unit, const Function& function) : unit_(unit), function_(function) {}

    std::string run() {
        if (function_.unit != &unit_) return "function of another file";
        if (function_.code.empty()) return "no code";
        if (function_.offsets.size() != function_.code.size()) return "positions do not match the code";
        if (function_.registers == 0 || function_.params >= function_.registers) return "too few registers";
        if (auto problem = shape(); !problem.empty()) return problem;
        if (auto problem = tables(); !problem.empty()) return problem;
        for (std::size_t at = 0; at < function_.code.size(); ++at)
            if (auto problem = instruction(at); !problem.empty())
                return fmt::format("{} instruction {}: {}", function_.name, at, problem);
        return ends(function_.code.back().op) ? "" : "runs past its end";
    }

  private:
    static bool ends(Opcode op) {
        return op == Opcode::return_ || op == Opcode::return_unit || op == Opcode::jump_back || op == Opcode::throw_ ||
               op == Opcode::rethrow || op == Opcode::raise_variable;
    }

    // What the machine reads without asking: captures in step with their names, tables without holes, constants that a
    // script could have written.
    [[nodiscard]] std::string shape() const {
        const auto captured = function_.captures.size();
        if (function_.anonymous
                ? function_.capture_names.size() != captured || function_.capture_mutable.size() != captured
                : captured != 0)
            return "captures do not match their names";
        if (function_.anonymous && function_.index == 0) return "a closure at the top level";
        if (function_.index == 0 && function_.params != 0) return "a top level with parameters";
        for (const auto& value : function_.constants)
            if (value.tag() >= Tag::cell) return "a constant that no script can write";
        return "";
    }

    // x is an argument count, an operator, a kind or a flag; where it is none of these nothing stands in it.
    [[nodiscard]] static std::string flag(char kind, std::uint8_t x) {
        if (kind == '-') return x == 0 ? "" : "a flag of an instruction that has none";
        return kind != 'x' || x <= 1 ? "" : "a flag that is neither set nor clear";
    }

    [[nodiscard]] std::string operand(char kind, std::uint16_t value, const Instruction& in, std::size_t at) const {
        switch (kind) {
            case '-': return value == 0 ? "" : "an operand of an instruction that has none";
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
            case 'H':
                return value < function_.switches.size() ? table(at, function_.switches[value]) : "switch out of range";
            case 'M': return value < unit_.imports.size() ? "" : "module out of range";
            case 'J': {
                const auto target = static_cast<std::int64_t>(at) + 1 + in.bc();
                if (target < 0 || target >= static_cast<std::int64_t>(function_.code.size()))
                    return "jump out of range";
                // Only what spends an operation may go back, or a loop would never meet its budget.
                return in.bc() >= 0 || in.op == Opcode::jump_back || in.op == Opcode::for_next
                           ? ""
                           : "backward jump that is not counted";
            }
            default: return "";
        }
    }

    [[nodiscard]] std::string table(std::size_t at, const SwitchTable& table) const {
        const auto left = static_cast<std::int64_t>(function_.code.size()) - static_cast<std::int64_t>(at) - 1;
        const auto sound = [&](std::int32_t offset) { return offset >= 0 && offset < left; };
        if (table.targets.size() != table.labels.size() || !sound(table.otherwise)) return "switch table out of range";
        for (const auto target : table.targets)
            if (!sound(target)) return "switch table out of range";
        return "";
    }

    // The top level of a file has captures when it continues the scope of an earlier script.
    [[nodiscard]] std::size_t captures() const {
        return function_.anonymous    ? function_.captures.size()
               : function_.index == 0 ? function_.capture_names.size()
                                      : 0;
    }

    [[nodiscard]] std::string window(std::uint32_t first, std::uint32_t count) const {
        return first + count <= function_.registers ? "" : "window of registers out of range";
    }

    [[nodiscard]] std::string text(std::uint16_t constant) const {
        return is_text(function_.constants[constant]) ? "" : "a name that is no string";
    }

    [[nodiscard]] bool followed_by(std::size_t at, Opcode op) const {
        return at + 2 < function_.code.size() && function_.code[at + 1].op == op;
    }

    [[nodiscard]] static std::string callee(const Function& target, std::size_t count) {
        if (target.anonymous || target.index == 0) return "call of a function that needs its captures";
        return target.params == count ? "" : "wrong number of arguments";
    }

    // The captures of a closure are taken from the function that makes it.
    [[nodiscard]] std::string closure(const Function& made) const {
        if (!made.anonymous) return "closure of a named function";
        for (const auto& capture : made.captures)
            if (capture.from > CaptureSource::From::capture) return "unknown kind of capture";
        for (const auto& capture : made.captures)
            if (capture.index >= (capture.from == CaptureSource::From::capture ? captures() : function_.registers))
                return "captured variable out of range";
        return "";
    }

    // A variable is not put into a part of itself: the emitter takes a copy first.
    [[nodiscard]] std::string assigned(const Instruction& in) const {
        const auto& path = function_.paths[in.a];
        const bool itself =
            path.root == Path::Root::local ? path.index == in.b : path.root == Path::Root::this_ && in.b == 0;
        return itself && !path.steps.empty() ? "a variable put into itself" : "";
    }

    [[nodiscard]] std::string instruction(std::size_t at) const {
        const auto& in = function_.code[at];
        if (static_cast<std::size_t>(in.op) >= opcode_count) return "unknown opcode";
        const auto& kinds = infos[static_cast<std::size_t>(in.op)];
        if (auto p = flag(kinds.x, in.x); !p.empty()) return p;
        const bool wide = kinds.b == 'J' || kinds.b == 'I';  // b and c are one operand
        if (auto p = operand(kinds.a, in.a, in, at); !p.empty()) return p;
        if (auto p = operand(kinds.b, in.b, in, at); !p.empty()) return p;
        if (auto p = wide ? "" : operand(kinds.c, in.c, in, at); !p.empty()) return p;
        switch (in.op) {
            case Opcode::clear: return window(in.a, in.b);
            case Opcode::concat:
            case Opcode::new_array: return window(in.b, in.c);
            // These move the value, so it cannot be the container itself.
            case Opcode::set_index: return in.a == in.c ? "a variable put into itself" : "";
            case Opcode::set_field: return in.a == in.b ? "a map put into itself" : text(in.c);
            case Opcode::push: return in.a == in.b ? "an array put into itself" : "";
            case Opcode::get_member: return text(in.c);
            case Opcode::call: {
                auto problem = callee(*unit_.functions[in.c], in.x);
                return problem.empty() ? window(in.b, in.x + 1u) : problem;
            }
            case Opcode::call_module: {
                const auto& target = unit_.qualified[in.c];
                auto problem = callee(*target.unit->functions[target.function], in.x);
                return problem.empty() ? window(in.b, in.x + 1u) : problem;
            }
            case Opcode::call_member: {
                auto problem = text(in.c);
                return problem.empty() ? window(in.b, in.x + 1u) : problem;
            }
            case Opcode::raise_function: {
                auto problem = text(in.b);
                return problem.empty() ? window(in.a, in.x + 1u) : problem;
            }
            case Opcode::raise_variable:
            case Opcode::raise_constant:
            case Opcode::raise_module:
            case Opcode::function: return text(in.b);
            case Opcode::call_native: return window(in.b, unit_.natives[in.c]->count + 1u);
            case Opcode::call_method: {
                const auto& site = function_.methods[in.c];
                if (site.path != none &&
                    (at + 1 >= function_.code.size() || function_.code[at + 1].op != Opcode::write_back))
                    return "method on a path without write_back";
                return window(in.b, site.count + 1u);
            }
            case Opcode::closure: return closure(*unit_.functions[in.b]);
            case Opcode::jump_unless_match: return followed_by(at, Opcode::label) ? "" : "match without label";
            case Opcode::label: return in.x == 0 || function_.constants[in.c].is_range() ? "" : "a range that is none";
            case Opcode::test_lt:
            case Opcode::test_le:
            case Opcode::test_eq:
            case Opcode::test_lt_const:
            case Opcode::test_le_const:
            case Opcode::test_gt_const:
            case Opcode::test_ge_const:
            case Opcode::test_eq_const: return followed_by(at, Opcode::jump) ? "" : "test without jump";
            case Opcode::for_prepare:
            case Opcode::for_next: return window(in.a, 4);
            case Opcode::for_count: return window(in.b, 4);
            case Opcode::directive: {
                if (in.x > 2) return "unknown kind of directive";
                auto problem = text(in.c);
                return problem.empty() ? window(in.b, 2) : problem;
            }
            case Opcode::compound:
            case Opcode::compound_const:
            case Opcode::update_path:
                if (in.x > static_cast<int>(Op::bit_xor)) return "unknown operator";
                return in.op == Opcode::update_path ? assigned(in) : "";
            case Opcode::set_path: return assigned(in);
            case Opcode::get_global: return in.c < unit_.imports[in.b]->slots.size() ? "" : "slot out of range";
            case Opcode::set_global:
                if (function_.index != 0) return "constants of a file are set by its top level only";
                return in.c < unit_.slots.size() ? "" : "slot out of range";
            default: return "";
        }
    }

    [[nodiscard]] std::string path(const Path& path) const {
        if (path.root > Path::Root::this_) return "unknown kind of path root";
        const bool sound =
            path.root == Path::Root::this_ ||
            (path.root == Path::Root::capture ? path.index < captures() : path.index < function_.registers);
        if (!sound) return "path root out of range";
        for (const auto& step : path.steps) {
            if (step.key >= (step.key_const ? function_.constants.size() : function_.registers))
                return "path key out of range";
            if (step.property && (!step.key_const || !is_text(function_.constants[step.key])))
                return "a property that is no name";
        }
        return "";
    }

    [[nodiscard]] std::string site(const MethodSite& site) const {
        if (!is_text(site.name)) return "a method that is no name";
        if (site.special > MethodSite::Special::curry) return "unknown kind of method";
        if (site.path != none && site.path >= function_.paths.size()) return "method site out of range";
        if (site.native && site.native->count != site.count + 1u) return "wrong number of arguments";
        if (site.function == none) return "";
        return site.function < unit_.functions.size() ? callee(*unit_.functions[site.function], site.count)
                                                      : "method site out of range";
    }

    [[nodiscard]] std::string tables() const {
        for (const auto& one : function_.paths)
            if (auto problem = path(one); !problem.empty()) return problem;
        // A handler before the code it guards could repeat it for ever without spending anything.
        for (const auto& handler : function_.handlers)
            if (handler.begin > handler.end || handler.target < handler.end ||
                handler.target >= function_.code.size() || handler.error_register >= function_.registers)
                return "handler out of range";
        for (const auto& one : function_.methods)
            if (auto problem = site(one); !problem.empty()) return problem;
        for (const auto& one : function_.properties)
            if (!is_text(one.name) || (one.native && one.native->count != 1)) return "a property that is no name";
        return "";
    }

    const Unit& unit_;
    const Function& function_;
};

}  // namespace

const OpcodeInfo& info(Opcode op) noexcept { return infos[static_cast<std::size_t>(op)]; }

namespace {

// The tables that all functions of a file share.
std::string tables(const Unit& unit) {
    for (std::size_t i = 0; i < unit.functions.size(); ++i)
        if (!unit.functions[i] || unit.functions[i]->index != i) return "functions out of order";
    for (const auto* imported : unit.imports)
        if (!imported) return "an import of nothing";
    for (const auto& target : unit.qualified)
        if (!target.unit || target.function >= target.unit->functions.size()) return "module function out of range";
    for (const auto* group : unit.natives)
        if (!group) return "a native function that is none";
    for (const auto* names : {&unit.exports, &unit.globals})
        for (const auto& [name, slot] : *names)
            if (slot >= unit.slots.size()) return "slot out of range";
    return "";
}

}  // namespace

std::string verify(const Unit& unit) {
    if (unit.functions.empty() || unit.functions.size() > none) return "no functions, or too many";
    if (auto problem = tables(unit); !problem.empty()) return problem;
    for (const auto& function : unit.functions)
        if (auto problem = Verifier(unit, *function).run(); !problem.empty()) return problem;
    return "";
}

}  // namespace sluice::dsl::code
