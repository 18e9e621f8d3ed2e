// Walks a tree and the text it was made of side by side: the tree says what stands where, each token is taken from the
// text, with the comments around it. What is not where the tree says it is ends the walk (Lost): a file is rather left
// alone than changed.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/ast/nodes.hpp"
#include "dsl/format/layout.hpp"
#include "dsl/format/trivia.hpp"

namespace sluice::dsl::format {

struct Lost {};

class Writer {
  public:
    explicit Writer(const ast::Ast& ast);
    // Throws Lost.
    [[nodiscard]] std::string run();

  private:
    // --- writer.cpp: tokens, comments, lists
    [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
    [[nodiscard]] bool next_is(std::string_view token) const { return rest().starts_with(token); }
    void move_past(std::uint32_t length);
    void take(std::uint32_t length);
    void token(std::string_view expected);
    void word(std::string_view expected);
    void until(std::uint32_t end) { take(end > at_ ? end - at_ : throw Lost{}); }
    void literal();
    void separator(std::string_view expected);  // `,` or `;`: stands before the comments beside what it follows
    void drop(std::string_view expected);
    void closer(std::string_view expected);
    void comments_inside();
    void end_of_line();
    void line() { end_of_line(), layout_.line(); }
    void soft() { end_of_line(), layout_.soft(); }
    void hard() { end_of_line(), layout_.hard(); }
    void comment_above(const Comment& comment, bool& first);
    void item_start(bool first);
    void comments_before_end(bool first);
    [[nodiscard]] std::uint32_t breaks() const;  // before the next token or comment
    [[nodiscard]] bool comments_wait() const { return !beside_.empty() || !above_.empty(); }

    struct ListStyle {
        std::string_view open, close;
        bool spaced = false;  // blanks inside the brackets on one line
        bool tall = false;    // one item a line, whether or not they fit
        bool keep = false;    // the same if the first item stands on a line of its own
    };
    void list(const ListStyle& style, std::size_t count, const std::function<void(std::size_t)>& item);
    void parameters(ast::List<ast::Decl*> params);

    // --- writer_expressions.cpp
    std::uint32_t open_groups(const ast::Node& node);
    void close_groups(std::uint32_t count);
    void expression(const ast::Node& node);
    bool primary(const ast::Node& node);
    void number(const ast::Node& node, std::uint32_t& groups);
    void map(const ast::Map& map);
    void array(const ast::Array& array);
    void call(const ast::Call& call);
    void arguments(ast::Nodes args, std::uint32_t end);
    [[nodiscard]] bool hugs(ast::Nodes args, std::uint32_t end) const;
    void closure(const ast::Closure& closure);
    void directive(const ast::Directive& directive);
    void suffixes(const ast::Node& node);
    void suffix(const ast::Node& node);
    void unary(const ast::Unary& unary);
    void binary(const ast::Binary& binary);
    void operation(const ast::Binary& binary);

    // --- writer_statements.cpp
    void statements(std::span<const ast::Node* const> list, bool first = true);
    void semicolons();
    void statement(const ast::Node& node);
    void block(const ast::Node& node, bool own_group = true);
    void condition(const ast::Node& node);
    void if_(const ast::If& node);
    void switch_(const ast::Switch& node);
    void switch_case(const ast::SwitchCase& switch_case, bool last);
    void for_(const ast::For& node);
    void try_(const ast::Try& node);
    void do_(const ast::Do& node);
    void let(const ast::Let& node);
    void import(const ast::Import& node);
    void export_(const ast::Export& node);
    void assign(const ast::Assign& node);
    void with_value(std::string_view keyword, const ast::Node* value);
    void function(const ast::Function& node);

    const ast::Ast& ast_;
    std::string_view text_;
    Layout layout_;
    std::uint32_t at_ = 0;         // of the next token
    std::vector<Comment> beside_;  // wait for the end of the line
    std::vector<Comment> above_;   // belong before the next token
    std::uint32_t breaks_ = 0;     // directly before the next token
};

}  // namespace sluice::dsl::format
