// A compiled program: units (files), their functions, and what instructions refer to. Immutable once linked and
// verified; shared by all threads (design decision 2).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dsl/source/source_file.hpp"
#include "dsl/value/membership.hpp"
#include "dsl/value/native.hpp"
#include "dsl/value/objects.hpp"

namespace sluice::dsl::code {

enum class Opcode : std::uint8_t {
#define SLUICE_OP(name, x, a, b, c) name,
#include "dsl/code/opcodes.def"
#undef SLUICE_OP
};

struct Instruction {
    Opcode op;
    std::uint8_t x = 0;
    std::uint16_t a = 0;
    std::uint16_t b = 0;
    std::uint16_t c = 0;
    [[nodiscard]] std::int32_t bc() const noexcept {
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(b) << 16 | c);
    }
    void set_bc(std::int32_t value) noexcept {
        b = static_cast<std::uint16_t>(static_cast<std::uint32_t>(value) >> 16);
        c = static_cast<std::uint16_t>(value);
    }
};
static_assert(sizeof(Instruction) == 8);

inline constexpr std::uint16_t none = 0xffff;

// Where an assignment or a mutating method goes: a root and steps, evaluated by one instruction without running any
// script in between, so that plain pointers are safe while it is walked.
struct Path {
    enum class Root : std::uint8_t { local, cell, capture, this_ };
    struct Step {
        bool property = false;  // key is a constant string and errors are ErrorDotExpr
        bool null_safe = false;
        bool key_const = false;
        std::uint16_t key = 0;  // register or constant
    };
    Root root = Root::local;
    std::uint16_t index = 0;  // register or capture
    std::vector<Step> steps;
};

// `receiver.name(args)`: what is known at compile time about its target (vsl-language.md section 10).
struct MethodSite {
    Value name;
    std::uint8_t count = 0;               // arguments without the receiver
    bool constant = false;                // receiver may not be changed
    std::string constant_name;            // for the message
    std::uint16_t function = none;        // script function of the file with `count` parameters
    std::uint16_t path = none;            // receiver is a path that can be changed
    const NativeGroup* native = nullptr;  // taking count + 1 arguments
    enum class Special : std::uint8_t { no, call, curry } special = Special::no;
};

struct PropertySite {
    Value name;
    const NativeGroup* native = nullptr;  // read-only function also offered as a property
};

// Where a switch goes at once for a subject that is a text or an integer.
struct SwitchTable {
    Values labels;                      // texts and integers
    std::vector<std::int32_t> targets;  // by position of the label, relative to the next instruction
    std::int32_t otherwise = 0;         // such a subject without a label
    PositionIndex positions;
    SwitchTable(Values values, std::vector<std::int32_t> to, std::int32_t other)
        : labels(std::move(values)), targets(std::move(to)), otherwise(other), positions(labels) {}
    [[nodiscard]] std::int32_t offset(const Value& subject) const noexcept {
        if (!subject.is_string() && !subject.is_int()) return 0;
        const auto at = subject.is_string() ? positions.find(labels, subject.as_string())
                                            : positions.find(labels, subject.as_int());
        return at == PositionIndex::none ? otherwise : targets[at];
    }
};

struct Handler {
    std::uint32_t begin;  // instructions [begin, end)
    std::uint32_t end;
    std::uint32_t target;
    std::uint16_t error_register;
};

struct CaptureSource {
    enum class From : std::uint8_t { register_, capture } from;
    std::uint16_t index;
};

// First characters of the slots that keep top-level variables for a later script; no name begins with them.
inline constexpr char kept_variable = '$';
inline constexpr char kept_constant = '!';

struct Unit;

}  // namespace sluice::dsl::code

namespace sluice::dsl {

// A script function, a closure body or the top level of a unit.
struct Function {
    std::string name;  // empty for a closure
    const code::Unit* unit = nullptr;
    std::uint16_t index = 0;  // in unit->functions
    std::uint8_t params = 0;
    bool is_private = false;
    bool anonymous = false;
    std::uint16_t registers = 1;  // R[0] is `this`
    std::vector<code::Instruction> code;
    std::vector<std::uint32_t> offsets;  // source offset per instruction
    Values constants;
    std::vector<code::Handler> handlers;  // inner before outer
    std::vector<code::CaptureSource> captures;
    std::vector<std::string> capture_names;
    std::vector<bool> capture_mutable;  // the variable is changed somewhere after its initialisation
    std::vector<code::Path> paths;
    std::vector<code::MethodSite> methods;
    std::vector<code::PropertySite> properties;
    std::vector<code::SwitchTable> switches;
    std::vector<std::string> missing_names;  // closure only: unknown names in its body, raised at its creation
    Span span;
};

}  // namespace sluice::dsl

namespace sluice::dsl::code {

struct QualifiedFunction {
    const Unit* unit;
    std::uint16_t function;
};

// One file.
struct Unit {
    std::uint16_t index = 0;  // in Program::units
    std::string path;         // as normalised by import resolution; empty for the main script
    SourcePtr source;
    std::vector<std::unique_ptr<Function>> functions;  // [0] is the top level
    std::vector<const Unit*> imports;                  // operands of `import` and `get_global`
    std::vector<QualifiedFunction> qualified;
    std::vector<const NativeGroup*> natives;
    std::vector<std::string> slots;  // names of constants and exports that outlive the top level
    std::unordered_map<std::string, std::uint16_t> exports;   // name -> slot
    std::unordered_map<std::string, std::uint16_t> globals;   // global::NAME -> slot
    std::unordered_map<std::string, const Unit*> submodules;  // top-level imports with an alias

    [[nodiscard]] const Function* find(std::string_view name, std::size_t params) const noexcept;
    // The function of that name if there is exactly one, whatever it takes.
    [[nodiscard]] const Function* only(std::string_view name) const noexcept;
};

// A place of which a program tells its host that it was reached, by its number in Program::marks
// (CompileOptions::marks). Whatever is written has its marks, even what can never be reached: the emitter leaves
// nothing out. What stands several times in the code (the body of a function called as f!()) has several marks with the
// same kind, source and span.
struct Mark {
    enum class Kind : std::uint8_t {
        function,   // span: the function
        then_arm,   // span: the condition, here and in the next two
        else_arm,   // written
        no_else,    // the end of an `if` without one
        case_arm,   // span: the case with its labels
        no_case,    // a switch without `_`, and no case fits; span: its subject
        loop_body,  // span: the loop
        catch_arm,  // span: the body of the catch
    };
    Kind kind;
    bool top_level;  // runs when the file is loaded, not in a function
    SourcePtr source;
    Span span;
    std::string name;  // of a function, unless it is a closure
};

struct Program {
    FrozenSet frozen;                          // constants of all functions; outlives what points to them
    std::vector<std::unique_ptr<Unit>> units;  // in order of compilation: imported before importing
    const Unit* main = nullptr;
    const NativeTable* natives = nullptr;
    std::vector<Mark> marks;  // of all units; empty without CompileOptions::marks

    [[nodiscard]] const Unit* find(std::string_view path) const noexcept;
};

}  // namespace sluice::dsl::code
