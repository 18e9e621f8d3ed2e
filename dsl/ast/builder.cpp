#include "dsl/ast/builder.hpp"

namespace sluice::dsl::ast {

namespace {

std::uint32_t position_of(const Node* n) { return n->span.begin; }
std::uint32_t position_of(const Decl* d) { return d->span.begin; }
std::uint32_t position_of(const Segment& s) { return s.span.begin; }

// Index of the first element of a stack at or after `begin`. Looks from the top: a construct takes a few elements of a
// stack that may be long.
template <class T>
std::size_t first_from(const std::vector<T>& stack, std::uint32_t begin) {
    std::size_t i = stack.size();
    while (i > 0 && position_of(stack[i - 1]) >= begin) --i;
    return i;
}

template <class T>
List<T> take(Ast& ast, std::vector<T>& stack, std::uint32_t begin) {
    const std::size_t first = first_from(stack, begin);
    const List<T> taken = ast.list(std::span<const T>(stack).subspan(first));
    stack.resize(first);
    return taken;
}

}  // namespace

Builder::Builder(Ast& ast, const ParseOptions& options)
    : directives(options.directives), ast_(ast), options_(options), text_(ast.source()->text().data()) {
    nesting.limit = grammar::vsl::Nesting::effective(options.max_depth_top);
    nesting.function_limit = grammar::vsl::Nesting::effective(options.max_depth_function);
}

// Two runs of blanks may touch where an optional token is absent; only the first of them follows a token.
void Builder::blank(std::uint32_t begin, std::uint32_t end) noexcept {
    if (begin != blank_end_ || begin == 0) token_end_ = begin;
    blank_end_ = end;
}

Nodes Builder::take_nodes(std::uint32_t begin) { return take(ast_, nodes_, begin); }
List<Decl*> Builder::take_decls(std::uint32_t begin) { return take(ast_, decls_, begin); }
List<Segment> Builder::take_names(std::uint32_t begin) { return take(ast_, names_, begin); }

Node* Builder::pop() {
    Node* top = nodes_.back();
    nodes_.pop_back();
    return top;
}

Node* Builder::pop_if_from(std::uint32_t begin) {
    return !nodes_.empty() && nodes_.back()->span.begin >= begin ? pop() : nullptr;
}

Segment Builder::pop_name() {
    const Segment top = names_.back();
    names_.pop_back();
    return top;
}

void Builder::finish(bool expression) {
    ast_.functions = ast_.list(std::span<Function* const>(functions_));
    ast_.statements = ast_.list(std::span<Node* const>(nodes_));
    const bool alone = nodes_.size() == 1 && functions_.empty() && nodes_.front()->kind <= Kind::for_ &&
                       nodes_.front()->span.end == token_end_;
    ast_.single_expression = expression || alone;
}

void Builder::abandon(std::uint32_t broken, std::uint32_t resume_at) {
    nodes_.resize(first_from(nodes_, broken));
    decls_.clear();
    names_.clear();
    operations_.clear();
    prefixes_.clear();
    assignments_.clear();
    ends_of_do_.clear();
    arguments_.clear();
    entries_.clear();
    cases_.clear();
    nesting.limit = grammar::vsl::Nesting::effective(options_.max_depth_top);
    nesting.depth = nesting.base = nesting.total = 0;
    statement_begin_ = resume_at;
    blank_end_ = UINT32_MAX;
    token_end_ = resume_at;
}

}  // namespace sluice::dsl::ast
