// Annotated tree -> instructions of one function. Registers are handed out like a stack: R[0] is `this`, then
// parameters and variables, then temporaries. Private to dsl/code; compiler.hpp is the door.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dsl/ast/nodes.hpp"
#include "dsl/check/resolve.hpp"
#include "dsl/code/program.hpp"
#include "dsl/diag/diagnostic.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::code {

using Register = std::uint16_t;

// What the functions of one file share while they are compiled.
struct UnitContext {
    Unit& unit;
    ast::Ast& ast;
    const check::Resolution& names;
    const NativeTable& natives;
    Diagnostics& diagnostics;
    bool strict = false;
    bool keep_scope = false;
    std::unordered_map<const ast::Import*, const Unit*> imported;  // literal imports
    std::vector<std::pair<ast::Closure*, Function*>> closures;     // made, not yet emitted
    // Constants whose value is known while compiling; () and false for those whose value is not.
    std::unordered_map<const ast::Decl*, std::pair<Value, bool>> constants;
    std::set<std::string_view> unknown;  // variables that have been complained about
    const NativeGroup* mark_function = nullptr;
    std::vector<Mark>* marks = nullptr;  // of the program; null: none are wanted

    [[nodiscard]] std::uint16_t import_index(const Unit* unit);
    [[nodiscard]] std::uint16_t native_index(const NativeGroup* group);
    std::uint16_t slot(std::string_view name, std::unordered_map<std::string, std::uint16_t>& table);
};

[[nodiscard]] Op arithmetic_op(ast::BinaryOp op);

// Slot in which a top-level variable waits for the script that runs next in the same scope.
[[nodiscard]] inline std::string kept_name(const ast::Decl& decl) {
    return (decl.is_const ? kept_constant : kept_variable) + std::string(decl.name);
}

class Emitter {
  public:
    Emitter(UnitContext& context, Function& function) : context_(context), function_(function) {}

    void top_level();
    void function(const ast::Function& source);
    void closure(const ast::Closure& source);

  private:
    struct Jumps {
        std::vector<std::uint32_t> at;  // instructions whose target is not known yet
    };
    struct Loop {
        Jumps* breaks;
        Jumps* continues;
        Register result;  // none: value not wanted
    };

    // A function whose body stands in place of its call.
    struct Inlined {
        Jumps returns;
        Register result;
    };

    // --- emit_core.cpp: instructions, registers, constants
    std::uint32_t emit(Opcode op, std::uint16_t a = 0, std::uint16_t b = 0, std::uint16_t c = 0, std::uint8_t x = 0);
    std::uint32_t emit_bc(Opcode op, std::uint16_t a, std::int32_t bc, std::uint8_t x = 0);
    void jump(Opcode op, std::uint16_t a, Jumps& to, std::uint8_t x = 0);
    void jump_back(Opcode op, std::uint16_t a, std::uint32_t target);
    void land(Jumps& jumps);
    Register alloc(std::uint32_t count = 1);
    void free_to(Register mark) { next_ = mark; }
    std::uint16_t constant(Value value);
    std::uint16_t text_constant(std::string_view text) { return constant(Value::string(text)); }
    void finish();
    // The code that follows is that of `what`; no register that is in use changes.
    void put_mark(Mark::Kind what, Span span, std::string_view name = {});
    void declare(ast::Decl& decl, Register at);  // variable lives in R[at], which holds its value
    void store(const ast::Decl& decl, Register from);
    [[nodiscard]] static bool is_capture(const ast::Decl& decl) { return decl.origin != nullptr; }
    [[nodiscard]] bool in_register(const ast::Node& node) const;
    void error(Code code, Span span, std::string message, std::string hint = {});

    // --- emit_constants.cpp
    [[nodiscard]] bool literal_value(const ast::Node& node, Value& value, int depth = 0) const;
    [[nodiscard]] bool constant_value(const ast::Decl* decl, Value& value, int depth) const;
    [[nodiscard]] bool folded(const ast::Unary& node, Value& value, int depth) const;
    [[nodiscard]] bool folded(const ast::Binary& node, Value& value, int depth) const;
    [[nodiscard]] bool folded(const ast::Call& node, Value& value, int depth) const;
    void literal(Value value, Register to);

    // --- emit_expressions.cpp
    void into(ast::Node& node, Register to);          // `to` may be written before the end
    [[nodiscard]] Register operand(ast::Node& node);  // a variable's own register, or a temporary
    [[nodiscard]] Register stable_operand(ast::Node& node, ast::Node& evaluated_after);
    void name(const ast::Name& node, Register to);
    void path(const ast::Path& node, Register to);
    void binary(ast::Binary& node, Register to);
    void binary_step(ast::Binary& node, Register left, Register to);
    void short_circuit(ast::Binary& node, Register to);
    void unary(ast::Unary& node, Register to);
    void template_(const ast::Template& node, Register to);
    void array(const ast::Array& node, Register to);
    void map(const ast::Map& node, Register to);
    void closure_value(ast::Closure& node, Register to);
    void directive(ast::Directive& node, Register to);
    void branch(ast::Node& condition, bool when, Jumps& to);
    void branch_logical(ast::Binary& node, bool when, Jumps& to);
    bool branch_comparison(ast::Binary& node, bool when, Jumps& to);

    // --- emit_calls.cpp: calls by name
    void call(ast::Call& node, Register to);
    // The library's function that is called; null if it is another one or none.
    [[nodiscard]] const NativeGroup* native_of(const ast::Call& node) const;
    void inlined_call(ast::Call& node, const ast::Function& function, Register to);
    bool special_call(ast::Call& node, Register to);
    void call_qualified(ast::Call& node, Register to);
    void call_method_form(ast::Call& node, Register to, MethodSite site);
    Register arguments(ast::Nodes args, Register base);
    void check_count(std::size_t count, Span span);

    // --- emit_chains.cpp: chains of suffixes, assignment
    void chain(ast::Node& node, Register to);
    void read_step(ast::Node& step, Register from, Register to);
    struct Target {
        Path path;
        bool constant = false;
        std::string constant_name;
        bool writable = false;
    };
    // Steps from `root`; evaluates their keys into registers. Not writable: a temporary or a constant.
    [[nodiscard]] Target target(ast::Node& root, const std::vector<ast::Node*>& steps, bool last = false);
    void method(ast::Method& node, const Target* receiver, Register receiver_register, Register to);
    [[nodiscard]] MethodSite site(const ast::Method& node);
    void assign(ast::Assign& node);
    void assign_variable(ast::Assign& node, ast::Name& name);
    std::uint16_t add_path(Path path);
    std::uint16_t add_site(MethodSite site);
    std::uint16_t add_property(std::string_view name);

    // --- emit_statements.cpp
    void statement(ast::Node& node, Register to);  // to == none: value not wanted
    void statements(ast::Nodes list, Register to);
    void block(ast::Node& node, Register to);
    void unit_into(Register to);
    void let(ast::Let& node);
    void export_(ast::Export& node);
    void export_names();
    void import(ast::Import& node);
    void if_(ast::If& node, Register to);
    void while_(ast::While& node, Register to);
    void loop(ast::Loop& node, Register to);
    void do_(ast::Do& node, Register to);
    void for_(ast::For& node, Register to);
    void switch_(ast::Switch& node, Register to);
    void break_(ast::Break& node);
    void return_(ast::Node* value);
    void throw_(ast::Throw& node);
    void try_(ast::Try& node, Register to);

    UnitContext& context_;
    Function& function_;
    Register next_ = 1;
    std::uint32_t most_ = 1;
    std::uint32_t offset_ = 0;  // source offset of the instruction being emitted
    std::unordered_map<std::string, std::uint16_t> strings_;
    std::unordered_map<std::int64_t, std::uint16_t> integers_;
    std::vector<Loop> loops_;
    std::vector<Inlined*> inlined_;
    std::vector<Register> caught_;  // error registers of the catch blocks around
    std::vector<std::pair<std::uint16_t, ast::Decl*>> exported_;
    bool top_level_ = false;
    bool too_large_ = false;
};

}  // namespace sluice::dsl::code
