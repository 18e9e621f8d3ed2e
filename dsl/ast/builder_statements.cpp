// Statements and definitions.
#include "dsl/ast/builder.hpp"
#include "dsl/ast/label.hpp"
#include "dsl/ast/operators.hpp"

namespace sluice::dsl::ast {

void Builder::block(std::uint32_t begin) {
    const Nodes statements = take_nodes(begin);
    push<Block>(Kind::block, from(begin))->statements = statements;
}

void Builder::if_branch(std::uint32_t begin) {
    Node* then = pop();
    Node* condition = pop();
    If* branch = push<If>(Kind::if_, from(begin));
    branch->condition = condition;
    branch->then = then;
}

// The branches lie on the stack in order: If, If, …, perhaps a Block. Chained from the last one, so that a long chain
// of `else if` needs no recursion here.
void Builder::if_(std::uint32_t begin) {
    Node* rest = nullptr;
    for (;;) {
        Node* top = pop();
        if (top->kind == Kind::if_) {
            If& branch = as<If>(*top);
            branch.otherwise = rest;
            branch.span.end = token_end_;
        }
        rest = top;
        if (top->span.begin == begin) break;
    }
    nodes_.push_back(rest);
}

void Builder::while_(std::uint32_t begin) {
    Node* body = pop();
    Node* condition = pop();
    While* loop = push<While>(Kind::while_, from(begin));
    loop->condition = condition;
    loop->body = body;
}

void Builder::loop(std::uint32_t begin) {
    Node* body = pop();
    push<Loop>(Kind::loop, from(begin))->body = body;
}

void Builder::do_(std::uint32_t begin) {
    Node* condition = pop();
    Node* body = pop();
    Do* loop = push<Do>(Kind::do_, from(begin));
    loop->body = body;
    loop->condition = condition;
    loop->until = text_[ends_of_do_.back().begin] == 'u';
    ends_of_do_.pop_back();
}

void Builder::for_(std::uint32_t begin) {
    Node* body = pop();
    Node* source = pop();
    const auto variables = take_decls(begin);
    For* loop = push<For>(Kind::for_, from(begin));
    loop->item = variables[0];
    loop->counter = variables.size() > 1 ? variables[1] : nullptr;
    loop->source = source;
    loop->body = body;
}

void Builder::try_(std::uint32_t begin) {
    Node* handler = pop();
    Node* body = pop();
    const auto variables = take_decls(begin);
    Try* guarded = push<Try>(Kind::try_, from(begin));
    guarded->body = body;
    guarded->error = variables.empty() ? nullptr : variables.front();
    guarded->handler = handler;
}

void Builder::case_labels(std::uint32_t begin) {
    const Nodes labels = take_nodes(begin);
    for (Node*& label : labels) label = fold_label(ast_, label);
    cases_.push_back({labels, nullptr, nullptr, from(begin)});
}

void Builder::case_guard() { cases_.back().guard = pop(); }

void Builder::case_body() {
    SwitchCase& current = cases_.back();
    current.body = pop();
    current.span.end = current.body->span.end;
}

void Builder::switch_(std::uint32_t begin) {
    std::size_t first = cases_.size();
    while (first > 0 && cases_[first - 1].span.begin >= begin) --first;
    const auto cases = ast_.list(std::span<const SwitchCase>(cases_).subspan(first));
    cases_.resize(first);
    Node* subject = pop();
    Switch* made = push<Switch>(Kind::switch_, from(begin));
    made->subject = subject;
    made->cases = cases;
}

void Builder::function(std::uint32_t begin) {
    Node* body = pop();
    const Segment name = pop_name();
    Function* made = node<Function>(Kind::function, from(begin));
    made->name = name.name;
    made->name_span = name.span;
    made->is_private = text_[begin] == 'p';
    made->params = take_decls(begin);
    made->body = &as<Block>(*body);
    functions_.push_back(made);
    if (nesting.depth == 0) return;
    // Where a value or a statement is needed, as in `|| fn f() { }`, something has to stand.
    push<Empty>(Kind::empty, made->span);
    faults_.push_back({Code::nested_function, {begin, name.span.end}, {}});
}

void Builder::let(std::uint32_t begin) {
    Node* init = pop_if_from(begin);
    const auto declared = take_decls(begin);
    Let* let = push<Let>(Kind::let, from(begin));
    let->decl = declared.front();
    let->decl->is_const = text_[begin] == 'c';
    let->init = init;
}

void Builder::import(std::uint32_t begin) {
    Node* path = pop();
    const auto alias = take_names(begin);
    Import* import = push<Import>(Kind::import, from(begin));
    import->path = path;
    if (!alias.empty()) {
        import->alias = alias.front().name;
        import->alias_span = alias.front().span;
    }
}

void Builder::export_(std::uint32_t begin) {
    Node* let = pop_if_from(begin);
    const auto names = take_names(begin);
    Export* made = push<Export>(Kind::export_, from(begin));
    if (let != nullptr) {
        made->let = &as<Let>(*let);
        return;
    }
    made->name = node<Name>(Kind::name, names[0].span);
    made->name->name = names[0].name;
    if (names.size() > 1) {
        made->alias = names[1].name;
        made->alias_span = names[1].span;
    }
}

void Builder::break_(std::uint32_t begin) {
    Node* value = pop_if_from(begin);
    push<Break>(Kind::break_, from(begin))->value = value;
}

void Builder::continue_(std::uint32_t begin) { push<Continue>(Kind::continue_, from(begin)); }

void Builder::return_(std::uint32_t begin) {
    Node* value = pop_if_from(begin);
    push<Return>(Kind::return_, from(begin))->value = value;
}

void Builder::throw_(std::uint32_t begin) {
    Node* value = pop_if_from(begin);
    push<Throw>(Kind::throw_, from(begin))->value = value;
}

void Builder::assignment_operator(Span span) { assignments_.push_back({*assign_operator(text(span)), span}); }

void Builder::expr_statement(std::uint32_t begin) {
    if (assignments_.empty() || assignments_.back().span.begin < begin) return;
    const Assignment operation = assignments_.back();
    assignments_.pop_back();
    Node* value = pop();
    Node* target = pop();
    Assign* assign = push<Assign>(Kind::assign, from(begin));
    assign->op = operation.op;
    assign->op_span = operation.span;
    assign->target = target;
    assign->value = value;
}

}  // namespace sluice::dsl::ast
