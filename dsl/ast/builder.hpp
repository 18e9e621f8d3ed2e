// Builds the tree while the grammar matches: the state object of the parse. Finished nodes, names, parameters and so on
// wait on stacks in source order; a construct takes what lies at or after its own first byte. No marks are needed,
// since positions on a stack only grow.
//
// Actions (actions.hpp) call one function per rule with the rule's first byte. Where the rule ends is where its last
// token ended: `token_end`.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "dsl/ast/nodes.hpp"
#include "dsl/ast/parse.hpp"
#include "dsl/ast/syntax_fault.hpp"
#include "grammar/vsl/nesting.hpp"

namespace sluice::dsl::ast {

class Builder {
  public:
    Builder(Ast& ast, const ParseOptions& options);

    // What the grammar asks of its state.
    grammar::vsl::Nesting nesting;
    bool directives;

    // Position.
    [[nodiscard]] std::uint32_t offset(const char* at) const noexcept { return static_cast<std::uint32_t>(at - text_); }
    void blank(std::uint32_t begin, std::uint32_t end) noexcept;
    [[nodiscard]] std::uint32_t token_end() const noexcept { return token_end_; }
    void statement_done(std::uint32_t next) noexcept { statement_begin_ = next; }
    [[nodiscard]] std::uint32_t statement_begin() const noexcept { return statement_begin_; }
    void open_literal(Span span) { literal_begin_ = span.begin; }
    [[nodiscard]] std::uint32_t literal_begin() const noexcept { return literal_begin_; }

    // Literals (builder_literals.cpp). Spans are those of the token.
    void unit(Span span);
    void boolean(Span span, bool value);
    void number(Span span);
    void string(Span span);
    void character(Span span);
    void template_text(Span span);
    void interpolation(Span span);
    void template_(std::uint32_t begin);
    void key_string(Span span);
    void key_name(Span span);
    void map_entry(std::uint32_t begin);
    void map(std::uint32_t begin);
    void array(std::uint32_t begin);

    // Expressions (builder_expressions.cpp).
    void name(Span span) { names_.push_back({text(span), span}); }
    void declare(Span span);
    void caller_scope(Span mark) { caller_scopes_.push_back(mark.end); }
    void arguments(std::uint32_t begin);
    void path(std::uint32_t begin);
    void this_(std::uint32_t begin);
    void group(std::uint32_t begin);
    void closure(std::uint32_t begin);
    void directive(std::uint32_t begin);
    void delegate_call(std::uint32_t begin);
    void dot_suffix(std::uint32_t begin);
    void index_suffix(std::uint32_t begin);
    void prefix(Span span);
    void operand(std::uint32_t begin);
    void operation(Span span);
    void expression(std::uint32_t begin);

    // Statements (builder_statements.cpp).
    void block(std::uint32_t begin);
    void if_branch(std::uint32_t begin);
    void if_(std::uint32_t begin);
    void while_(std::uint32_t begin);
    void loop(std::uint32_t begin);
    void do_end(Span span) { ends_of_do_.push_back(span); }
    void do_(std::uint32_t begin);
    void for_(std::uint32_t begin);
    void try_(std::uint32_t begin);
    void case_labels(std::uint32_t begin);
    void case_guard();
    void case_body();
    void switch_(std::uint32_t begin);
    void function(std::uint32_t begin);
    void let(std::uint32_t begin);
    void import(std::uint32_t begin);
    void export_(std::uint32_t begin);
    void break_(std::uint32_t begin);
    void continue_(std::uint32_t begin);
    void return_(std::uint32_t begin);
    void throw_(std::uint32_t begin);
    void assignment_operator(Span span);
    void expr_statement(std::uint32_t begin);

    // Moves what was built into the Ast. `expression`: the parse was of a single expression.
    void finish(bool expression);
    // Drops what a broken construct that began at `broken` left behind, to go on at `resume_at`.
    void abandon(std::uint32_t broken, std::uint32_t resume_at);

    // Errors found while building that do not end the parse.
    [[nodiscard]] const std::vector<SyntaxFault>& faults() const noexcept { return faults_; }

  private:
    struct Operation {
        BinaryOp op;
        Span span;
    };
    struct Prefix {
        UnaryOp op;
        Span span;
    };
    struct Assignment {
        AssignOp op;
        Span span;
    };
    struct Arguments {
        Span span;
        Nodes args;
    };

    template <class T>
    T* node(Kind kind, Span span);
    template <class T>
    T* push(Kind kind, Span span);
    [[nodiscard]] Span from(std::uint32_t begin) const noexcept { return {begin, token_end_}; }
    [[nodiscard]] std::string_view text(Span span) const noexcept {
        return {text_ + span.begin, span.end - span.begin};
    }

    // Takes what lies on a stack at or after `begin`.
    Nodes take_nodes(std::uint32_t begin);
    List<Decl*> take_decls(std::uint32_t begin);
    List<Segment> take_names(std::uint32_t begin);
    Node* pop();
    Node* pop_if_from(std::uint32_t begin);
    Segment pop_name();

    [[nodiscard]] std::string_view decoded(Span token);
    void check_literal_size(Span span, std::size_t size, std::uint32_t limit, std::string_view what);
    void count_level(Span span);
    void reduce(std::vector<Node*>& operands, const Operation& operation);

    Ast& ast_;
    const ParseOptions& options_;
    const char* text_;
    std::uint32_t token_end_ = 0;
    std::uint32_t blank_end_ = 0;
    std::uint32_t statement_begin_ = 0;
    std::uint32_t literal_begin_ = 0;

    std::vector<Node*> nodes_;
    std::vector<Decl*> decls_;
    std::vector<Segment> names_;
    std::vector<Operation> operations_;
    std::vector<Prefix> prefixes_;
    std::vector<Assignment> assignments_;
    std::vector<Span> ends_of_do_;  // the words `while` and `until`
    std::vector<Arguments> arguments_;
    std::vector<std::uint32_t> caller_scopes_;  // where the arguments begin that follow a `!`
    std::vector<MapEntry> entries_;
    std::vector<SwitchCase> cases_;
    std::vector<Function*> functions_;
    std::vector<Node*> scratch_operands_;
    std::vector<Operation> scratch_operations_;
    std::vector<SyntaxFault> faults_;
};

template <class T>
T* Builder::node(Kind kind, Span span) {
    T* made = ast_.make<T>();
    made->kind = kind;
    made->span = span;
    return made;
}

template <class T>
T* Builder::push(Kind kind, Span span) {
    T* made = node<T>(kind, span);
    nodes_.push_back(made);
    return made;
}

}  // namespace sluice::dsl::ast
