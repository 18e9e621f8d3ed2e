// The syntax tree of one script. Nodes live in the Ast's arena and have no destructors, so a chain of half a million
// operators neither recurses when freed nor costs a malloc each. Text and lists point into the arena too.
//
// dsl/check annotates names (Name::decl and friends) after parsing; dsl/code reads the annotated tree.
#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>

#include "dsl/source/source_file.hpp"

namespace sluice::dsl::ast {

// A table of shapes, one line each where it fits.
// clang-format off

enum class Kind : std::uint8_t {
    // literals and primaries
    unit, boolean, integer, floating, character, string, template_, array, map,
    name, this_, path, call, closure, directive,
    // suffixes
    index, property, method,
    // operators
    unary, binary,
    // control flow, legal as statement and as operand
    block, if_, switch_, while_, loop, do_, for_,
    // statements only
    let, import, export_, break_, continue_, return_, throw_, assign, try_, function, empty,
};

// One value and nothing inside.
[[nodiscard]] constexpr bool is_scalar_literal(Kind kind) { return kind <= Kind::string; }

struct Node {
    Kind kind;
    Span span;
};

template <class T>
using List = std::span<T>;
using Nodes = List<Node*>;

enum class UnaryOp : std::uint8_t { minus, plus, not_ };

// In the order of section 4's table; in and !in keep (left, right) as written.
enum class BinaryOp : std::uint8_t {
    shl, shr, pow, mul, div, mod, add, sub, range, range_inclusive, coalesce, lt, le, gt, ge, in, not_in, eq, ne,
    and_, bit_and, or_, bit_or, bit_xor,
};

enum class AssignOp : std::uint8_t { set, add, sub, mul, div, mod, pow, shl, shr, bit_and, bit_or, bit_xor };

// A variable, constant, parameter or loop variable; filled by the parser, annotated by dsl/check.
struct Decl {
    std::string_view name;
    Span span;
    bool is_const = false;
    // --- set by dsl/check/resolve ---
    bool captured = false;       // named by a closure inside its scope
    bool mutated = false;        // assigned, or the root of a path that is, after its initialiser
    bool is_global_const = false;// top-level const of its file: global::NAME
    std::int32_t slot = -1;      // register in its function
    std::int32_t global = -1;    // slot in the unit's table of exported or global constants
    Node* initialiser = nullptr;
    Decl* origin = nullptr;      // for the inner side of a capture: the variable outside
};

struct Boolean : Node { bool value; };
struct Integer : Node { std::int64_t value; };
struct Floating : Node { double value; };
struct Character : Node { char32_t value; };
struct String : Node { std::string_view value; };              // after escapes, UTF-8
struct Template : Node { Nodes parts; };                       // String or Block
struct Array : Node { Nodes items; };
struct MapEntry { std::string_view key; Span key_span; Node* value; };
struct Map : Node { List<MapEntry> entries; };

struct Capture { Decl* outer; Decl* inner; };

struct Name : Node {
    std::string_view name;
    Decl* decl = nullptr;                                       // set by resolve; null: function name or unknown
};
struct Segment { std::string_view name; Span span; };
[[nodiscard]] std::string joined(List<Segment> segments);         // "a::b"
struct Path : Node { List<Segment> segments; };                 // two or more: a::b, a::b::c; a value
struct Call : Node {
    List<Segment> callee;                                       // one or more segments
    Nodes args;
    bool caller_scope = false;                                  // f!(…): one segment
};
struct Closure : Node {
    List<Decl*> params;
    Node* body;                                                 // one statement
    List<Capture> captures;                                     // set by resolve
    void* scope = nullptr;                                      // check::FunctionScope*
};
enum class DirectiveKind : std::uint8_t { rule, action, delegate };
struct Directive : Node { DirectiveKind directive; Node* service; std::string_view name; Span name_span; Node* body; };

struct Index : Node { Node* base; Node* key; bool null_safe; };
struct Property : Node { Node* base; std::string_view name; Span name_span; bool null_safe; };
struct Method : Node { Node* base; std::string_view name; Span name_span; Nodes args; bool null_safe; };

struct Unary : Node { UnaryOp op; Node* operand; };
struct Binary : Node { BinaryOp op; Span op_span; Node* left; Node* right; };  // long chains lean to the left

struct Block : Node { Nodes statements; };                      // functions (fn) are not among them: Script::functions
struct If : Node { Node* condition; Node* then; Node* otherwise; };   // otherwise: null, Block or If
struct SwitchCase {
    Nodes labels;            // literal nodes (Unary minus folded away) or Binary range of two Integers; empty: `_`
    Node* guard;             // null: none
    Node* body;              // a statement
    Span span;
};
struct Switch : Node { Node* subject; List<SwitchCase> cases; };
struct While : Node { Node* condition; Node* body; };
struct Loop : Node { Node* body; };
struct Do : Node { Node* body; Node* condition; bool until; };
struct For : Node { Decl* item; Decl* counter; Node* source; Node* body; };   // counter: null if absent

struct Let : Node { Decl* decl; Node* init; };                  // init null: ()
struct Import : Node { Node* path; std::string_view alias; Span alias_span; };// alias empty: none; path: usually String
struct Export : Node {
    Let* let;                                                   // export let/const …, or null
    Name* name;                                                 // export NAME [as alias]
    std::string_view alias; Span alias_span;                    // empty: the name itself
};
struct Break : Node { Node* value; };                           // value: null or expression
struct Continue : Node {};
struct Return : Node { Node* value; };
struct Throw : Node { Node* value; };
struct Assign : Node { AssignOp op; Span op_span; Node* target; Node* value; };  // target: Name, This, Index, Property, Path
struct Try : Node { Node* body; Decl* error; Node* handler; };  // error: null if not named
struct Empty : Node {};

struct Function : Node {
    std::string_view name;
    Span name_span;
    bool is_private;
    List<Decl*> params;
    Block* body;
    void* scope = nullptr;                                      // check::FunctionScope*
};

template <class T> [[nodiscard]] T& as(Node& node) { return static_cast<T&>(node); }
template <class T> [[nodiscard]] const T& as(const Node& node) { return static_cast<const T&>(node); }

// One parsed file. Owns every node; keeps its source alive.
class Ast {
  public:
    explicit Ast(SourcePtr source) : source_(std::move(source)) {}
    Ast(const Ast&) = delete;

    [[nodiscard]] const SourcePtr& source() const noexcept { return source_; }
    [[nodiscard]] std::pmr::monotonic_buffer_resource& arena() noexcept { return arena_; }

    template <class T> T* make() { return new (arena_.allocate(sizeof(T), alignof(T))) T{}; }
    template <class T> List<T> list(std::span<const T> items) {
        if (items.empty()) return {};
        auto* to = static_cast<T*>(arena_.allocate(items.size() * sizeof(T), alignof(T)));
        std::uninitialized_copy(items.begin(), items.end(), to);
        return {to, items.size()};
    }
    std::string_view text(std::string_view s);                  // copies into the arena

    Nodes statements;                                           // of the top level, in order
    List<Function*> functions;                                  // in order of definition
    bool single_expression = false;                             // the script is exactly one expression (mode "expression")

  private:
    SourcePtr source_;
    std::pmr::monotonic_buffer_resource arena_;
};
// clang-format on

}  // namespace sluice::dsl::ast
