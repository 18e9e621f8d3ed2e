// Bytes -> a well-formed program. Most names resolve and most types fit, so that runs go deep; a few do not, so that
// errors are compared as well. Loops are bounded. Where the specification leaves an order open (arguments and indices
// of a chain that starts at a variable, section 13) nothing with effects on variables is written ("quiet").
//
// The same bytes always give the same program; when they run out, the simplest choice is taken everywhere.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sluice::reference {

enum class Kind : std::uint8_t { integer, floating, boolean, string, character, array, map, function, unit, range };

class Generator {
  public:
    explicit Generator(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
    std::string program();

  private:
    struct Variable {
        std::string name;
        Kind kind;
        bool constant = false;
        int arity = -1;  // of a function
    };
    struct FunctionShape {
        std::string name;
        std::vector<Kind> params;
        Kind result;
        bool method = false;  // uses `this`
        Kind self = Kind::integer;
    };
    struct Saved;  // what a function's body may not see, put back at its end

    // choices
    std::uint8_t byte();
    int below(int n) { return n <= 1 ? 0 : byte() % n; }
    bool chance(int one_in) { return byte() % one_in == one_in - 1; }
    template <class List>
    const auto& pick(const List& list) {
        return list[static_cast<std::size_t>(below(static_cast<int>(std::size(list))))];
    }
    Kind any_kind();
    Kind data_kind();
    std::string fresh(const char* prefix) { return prefix + std::to_string(counter_++); }
    const Variable* variable(Kind kind, bool writable);
    const Variable* any_variable(bool writable);
    [[nodiscard]] bool tired(int depth) const { return depth <= 0 || budget_ <= 0; }

    // generator_expressions.cpp
    std::string expr(Kind kind, int depth);
    std::string leaf(Kind kind);
    std::string literal(Kind kind);
    std::string integer_expr(int depth);
    std::string float_expr(int depth);
    std::string bool_expr(int depth);
    std::string string_expr(int depth);
    std::string char_expr(int depth);
    std::string array_expr(int depth);
    std::string map_expr(int depth);
    std::string common(Kind kind, int depth);
    std::string closure(int arity, Kind result, int depth, bool uses_this = false, Kind first = Kind::integer);
    std::string function_call(Kind kind, int depth);
    std::string closure_call(int depth);
    std::string operand(Kind kind, int depth);  // in parentheses unless it is simple
    std::string quiet(Kind kind, int depth);
    std::string index(int depth);
    std::string constant_list();
    std::string path(bool writable);
    std::string switch_(Kind result, int depth, bool statement);
    std::string labels(int style);
    std::string arguments(const std::vector<Kind>& kinds, int depth);

    // generator.cpp
    std::string function(const FunctionShape& shape);
    std::string recursive_function();
    std::string statements(int count, int depth);
    std::string block(int depth);
    std::string statement(int depth);
    std::string let(int depth);
    std::string assignment(int depth);
    std::string path_assignment(int depth);
    std::string mutation(int depth);
    std::string loop(int depth);
    std::string for_(int depth);
    std::string try_(int depth);
    std::string if_(int depth);
    std::string jump(int depth);
    std::string many_types(int depth);
    std::string constant_copy();
    std::string hot_loop();
    std::string condition(int depth);

    std::span<const std::uint8_t> bytes_;
    std::size_t at_ = 0;
    int budget_ = 350;  // nodes of the program
    int counter_ = 0;
    int loops_ = 0;    // nesting of loops here
    int catches_ = 0;  // nesting of catch blocks here
    int functions_deep_ = 0;
    bool quiet_ = false;
    bool this_ = false;
    Kind this_kind_ = Kind::integer;
    std::vector<Variable> variables_;
    std::vector<FunctionShape> functions_;  // those that may be called here
};

}  // namespace sluice::reference
