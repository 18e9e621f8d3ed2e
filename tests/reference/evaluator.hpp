// A plain tree-walking evaluator of the base language, written from vsl-language.md sections 4 to 16 and from nothing
// else: it decides what the machine should have done. Slow and obvious on purpose. Only tests use it.
//
// Where the specification leaves an order open it does what the machine does (each place says so); where it does not
// support something (modules, time, blobs beyond the basics) it gives up, and the comparison says nothing.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>

#include "dsl/ast/nodes.hpp"
#include "tests/reference/value.hpp"

namespace sluice::reference {

namespace ast = sluice::dsl::ast;

struct Cell {
    Value value;
    bool constant = false;
    bool shared = false;  // captured by a closure
};
using CellPtr = std::shared_ptr<Cell>;
using Binding = std::pair<std::string, CellPtr>;

// A function pointer: a closure, or a name that is looked up when it is called.
struct Fn {
    std::string name;
    const ast::Closure* closure = nullptr;
    std::vector<Binding> captured;
    Array curried;
};

struct Budget {
    std::uint64_t operations = 40'000;  // calls and turns of loops
    std::uint64_t copies = 4'000'000;   // values copied
    std::uint32_t depth = 64;
    std::size_t string_bytes = 100'000;
    std::size_t array_items = 10'000;
    std::size_t map_items = 5'000;  // small limits count nested elements too, which is not done here
};

// What a run used, to judge whether a limit that the machine met is plausible.
struct Usage {
    std::uint64_t operations = 0;
    std::uint64_t copies = 0;
    std::uint32_t depth = 0;       // most
    std::size_t size = 0;          // longest string or array, in parts of its limit (percent)
    bool named_anonymous = false;  // the name of an anonymous function became text
};

class Evaluator {
  public:
    Evaluator(const ast::Ast& tree, const Budget& budget) : tree_(tree), budget_(budget) {}
    ~Evaluator();
    Evaluator(const Evaluator&) = delete;

    // Throws ScriptError or GaveUp.
    Value run();
    [[nodiscard]] const std::string& printed() const { return printed_; }
    [[nodiscard]] const Usage& usage() const { return usage_; }

    // For the library.
    Value call(const Value& fn, Array args, Value* self = nullptr, bool* changed = nullptr);
    [[nodiscard]] int arity(const Value& fn) const;  // -1: only the call will tell
    void print(const std::string& line);
    void check_string(std::size_t bytes);
    void check_array(std::size_t items);
    void check_map(std::size_t entries);
    Value binary(ast::BinaryOp op, const Value& left, const Value& right);  // operators.cpp
    void compound(ast::AssignOp op, Value& target, const Value& right);
    void spend();
    void copied(const Value& value);
    struct Task {  // a library function that calls back is one call deep itself
        explicit Task(Evaluator& e) : evaluator(e) { evaluator.enter(); }
        ~Task() { --evaluator.depth_; }
        Evaluator& evaluator;
    };

  private:
    struct Break {
        Value value;
    };
    struct Continue {};
    struct Return {
        Value value;
    };
    struct Frame {
        std::vector<Binding> names;
        Value* self = nullptr;
        bool self_constant = false;
        bool* self_changed = nullptr;
        bool top_level = false;
        std::vector<const ScriptError*> caught;  // of the catch blocks being run
    };
    struct Step {
        bool property = false;
        bool null_safe = false;
        Value key;
    };
    // Where a path begins.
    struct Root {
        Cell* cell = nullptr;  // null: `this`
    };
    using Change = std::function<void(Value&)>;

    void enter();
    CellPtr declare(std::string_view name, Value value, bool constant);
    [[nodiscard]] CellPtr find(std::string_view name) const;
    [[nodiscard]] const ast::Function* function(std::string_view name, std::size_t params) const;
    [[nodiscard]] bool is_function(std::string_view name) const;

    // statements.cpp
    Value statements(ast::Nodes nodes);
    Value block(ast::Nodes nodes);
    Value statement(const ast::Node& node);
    Value if_(const ast::If& node);
    Value switch_(const ast::Switch& node);
    Value arm(const ast::SwitchCase& entry);
    Value while_(const ast::While& node);
    Value loop(const ast::Loop& node);
    Value do_(const ast::Do& node);
    Value for_(const ast::For& node);
    std::optional<Value> turn(const ast::Node& body);  // a value: `break`
    Value try_(const ast::Try& node);
    void let(const ast::Let& node);
    void assign(const ast::Assign& node);
    bool condition(const ast::Node& node);
    [[nodiscard]] static Value caught(const ScriptError& error);

    // expressions.cpp
    Value eval(const ast::Node& node);
    Value eval_node(const ast::Node& node);
    Value name(const ast::Name& node);
    Value binary_node(const ast::Binary& node);
    Value unary(const ast::Unary& node);
    Value closure(const ast::Closure& node);
    Value call_node(const ast::Call& node);
    std::optional<Value> special_call(std::string_view name, const ast::Call& node);
    Array arguments(ast::Nodes nodes, std::size_t from = 0);
    [[nodiscard]] const Value& self() const;

    // paths.cpp
    Value chain(const ast::Node& node);
    void assign_path(const ast::Assign& node, const Value& value);
    std::optional<Root> root_of(const ast::Node& node, bool& constant, std::string& constant_name);
    std::vector<Step> steps_of(const std::vector<const ast::Node*>& nodes);
    bool change(Value& base, std::span<const Step> steps, bool assign, const Change& apply);
    bool change_root(const Root& root, std::span<const Step> steps, bool assign, const Change& apply);
    std::optional<Value> read(const Value& base, std::span<const Step> steps);  // nullopt: skipped by `?.`
    std::optional<Value> read_along(Value value, const std::vector<const ast::Node*>& nodes);
    Value property(const Value& base, const std::string& name);
    Value method(const ast::Method& node, const Root* root, std::span<const Step> steps, const Value& receiver,
                 Array args, bool constant, const std::string& constant_name);
    Value method_on_value(const std::string& name, Value& receiver, Array& args, bool constant, bool for_library,
                          bool& changed, bool& native_mutates);

    Value run_function(ast::List<ast::Decl*> params, const ast::Node& body, std::vector<Binding> names, Array args,
                       Value* self, bool* changed, bool self_constant);
    Value call_pointer(const Fn& fn, Array args, Value* self, bool* changed, bool self_constant);

    const ast::Ast& tree_;
    Budget budget_;
    Usage usage_;
    Frame* frame_ = nullptr;
    std::uint32_t depth_ = 0;
    std::map<std::string, Value> globals_;  // constants of the top level that have been reached
    std::vector<CellPtr> cells_;            // emptied at the end: closures may hold themselves
    std::string printed_;
};

// What container[key] reads and writes (section 12).
[[nodiscard]] Value get_index(const Value& container, const Value& key);
void set_index(Value& container, const Value& key, const Value& value);
// Position of an element; negative counts from the end.
[[nodiscard]] std::optional<std::size_t> position(Int index, std::size_t size);

// Names that a closure's body uses and does not declare, in the order of their use (free_names.cpp).
[[nodiscard]] std::vector<std::string> free_names(const ast::Closure& closure,
                                                  const std::function<bool(const std::string&)>& visible_outside);

// library.cpp: nullopt if no function of this name takes these types. `mutates` tells whether it changes its first
// argument; with `constant` such a function is refused instead.
struct Found {
    Value value;
    bool mutates = false;
};
[[nodiscard]] std::optional<Found> call_library(Evaluator& evaluator, const std::string& name, Value* first,
                                                Array& rest, bool constant);
[[nodiscard]] bool library_mutates(const std::string& name, std::size_t count);  // any function of that name and count
[[nodiscard]] bool library_property(const std::string& name, const Value& value);

}  // namespace sluice::reference
