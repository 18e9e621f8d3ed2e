// Operands, suffixes, operators.
#include <fmt/format.h>

#include <algorithm>

#include "dsl/ast/builder.hpp"
#include "dsl/ast/operators.hpp"

namespace sluice::dsl::ast {

void Builder::declare(Span span) {
    Decl* decl = ast_.make<Decl>();
    decl->name = text(span);
    decl->span = span;
    decls_.push_back(decl);
}

void Builder::arguments(std::uint32_t begin) {
    const Nodes args = take_nodes(begin);
    arguments_.push_back({from(begin), args});
}

void Builder::path(std::uint32_t begin) {
    const List<Segment> segments = take_names(begin);
    if (!arguments_.empty() && arguments_.back().span.begin > begin) {
        Call* call = push<Call>(Kind::call, from(begin));
        call->callee = segments;
        call->args = arguments_.back().args;
        call->caller_scope = !caller_scopes_.empty() && caller_scopes_.back() == arguments_.back().span.begin;
        if (call->caller_scope) caller_scopes_.pop_back();
        arguments_.pop_back();
    } else if (segments.size() == 1) {
        push<Name>(Kind::name, segments.front().span)->name = segments.front().name;
    } else {
        push<Path>(Kind::path, from(begin))->segments = segments;
    }
}

void Builder::this_(std::uint32_t begin) { push<Node>(Kind::this_, from(begin)); }

// A parenthesis leaves no node, but the value's span covers it: what is quoted in a message should be balanced.
void Builder::group(std::uint32_t begin) { nodes_.back()->span = from(begin); }

void Builder::closure(std::uint32_t begin) {
    Node* body = pop();
    Closure* closure = push<Closure>(Kind::closure, from(begin));
    closure->params = take_decls(begin);
    closure->body = body;
}

void Builder::directive(std::uint32_t begin) {
    Node* body = pop();
    const char word = text_[begin];
    Node* service = word == 'd' ? pop() : nullptr;
    const Segment name = pop_name();
    Directive* directive = push<Directive>(Kind::directive, from(begin));
    directive->directive = word == 'd'   ? DirectiveKind::delegate
                           : word == 'r' ? DirectiveKind::rule
                                         : DirectiveKind::action;
    directive->service = service;
    directive->name = name.name;
    directive->name_span = name.span;
    directive->body = body;
}

// `delegate (x)` is a call, unless a name follows: then the argument is the service.
void Builder::delegate_call(std::uint32_t begin) {
    const List<Segment> names = take_names(begin);
    const Arguments arguments = arguments_.back();
    arguments_.pop_back();
    if (names.size() == 1) {
        Call* call = push<Call>(Kind::call, from(begin));
        call->callee = names;
        call->args = arguments.args;
        return;
    }
    if (arguments.args.size() != 1) {
        throw SyntaxFault{Code::unexpected_token, arguments.span, "a delegation has exactly one service"};
    }
    Node* body = pop();
    Directive* directive = push<Directive>(Kind::directive, from(begin));
    directive->directive = DirectiveKind::delegate;
    directive->service = arguments.args[0];
    directive->name = names[1].name;
    directive->name_span = names[1].span;
    directive->body = body;
}

void Builder::dot_suffix(std::uint32_t begin) {
    Node* base = pop();
    const Segment member = pop_name();
    const bool null_safe = text_[begin] == '?';
    const Span span = from(base->span.begin);
    if (!arguments_.empty() && arguments_.back().span.begin > begin) {
        Method* method = push<Method>(Kind::method, span);
        method->base = base;
        method->name = member.name;
        method->name_span = member.span;
        method->args = arguments_.back().args;
        method->null_safe = null_safe;
        arguments_.pop_back();
    } else {
        Property* property = push<Property>(Kind::property, span);
        property->base = base;
        property->name = member.name;
        property->name_span = member.span;
        property->null_safe = null_safe;
    }
}

void Builder::index_suffix(std::uint32_t begin) {
    Node* key = pop();
    Node* base = pop();
    Index* index = push<Index>(Kind::index, from(base->span.begin));
    index->base = base;
    index->key = key;
    index->null_safe = text_[begin] == '?';
}

// Levels that no rule of the grammar stands for: prefix operators and `**`.
void Builder::count_level(Span span) {
    if (nesting.depth >= nesting.limit) {
        throw SyntaxFault{Code::expression_too_deep, span,
                          fmt::format("nested more than {} levels deep", nesting.limit)};
    }
    ++nesting.depth;
}

void Builder::prefix(Span span) {
    count_level(span);
    const char c = text_[span.begin];
    prefixes_.push_back({c == '-' ? UnaryOp::minus : c == '+' ? UnaryOp::plus : UnaryOp::not_, span});
}

void Builder::operand(std::uint32_t begin) {
    while (!prefixes_.empty() && prefixes_.back().span.begin >= begin) {
        const Prefix prefix = prefixes_.back();
        prefixes_.pop_back();
        --nesting.depth;
        Node* value = pop();
        Unary* unary = push<Unary>(Kind::unary, {prefix.span.begin, value->span.end});
        unary->op = prefix.op;
        unary->operand = value;
    }
}

// A chain of `**` leans to the right, so each one nests; it ends at an operator that binds less tightly.
void Builder::operation(Span span) {
    const auto op = *binary_operator(text(span));
    if (op == BinaryOp::pow) {
        count_level(span);
    } else if (info(op).precedence < info(BinaryOp::pow).precedence) {
        nesting.depth = nesting.base;
    }
    operations_.push_back({op, span});
}

void Builder::reduce(std::vector<Node*>& operands, const Operation& operation) {
    Node* right = operands.back();
    operands.pop_back();
    Node* left = operands.back();
    Binary* binary = node<Binary>(Kind::binary, {left->span.begin, right->span.end});
    binary->op = operation.op;
    binary->op_span = operation.span;
    binary->left = left;
    binary->right = right;
    operands.back() = binary;
}

// Climbs precedence over the flat list of operands and operators that lies on the stacks since `begin`.
void Builder::expression(std::uint32_t begin) {
    std::size_t first = operations_.size();
    while (first > 0 && operations_[first - 1].span.begin >= begin) --first;
    const std::size_t count = operations_.size() - first;
    if (count == 0) return;

    const std::size_t first_operand = nodes_.size() - count - 1;
    auto& operands = scratch_operands_;
    auto& waiting = scratch_operations_;
    operands.assign(1, nodes_[first_operand]);
    waiting.clear();
    for (std::size_t i = 0; i < count; ++i) {
        const Operation& next = operations_[first + i];
        const int precedence = info(next.op).precedence;
        while (!waiting.empty() && (info(waiting.back().op).precedence > precedence ||
                                    (info(waiting.back().op).precedence == precedence && next.op != BinaryOp::pow))) {
            reduce(operands, waiting.back());
            waiting.pop_back();
        }
        waiting.push_back(next);
        operands.push_back(nodes_[first_operand + 1 + i]);
    }
    for (; !waiting.empty(); waiting.pop_back()) reduce(operands, waiting.back());
    operations_.resize(first);
    nodes_.resize(first_operand);
    nodes_.push_back(operands.front());
}

}  // namespace sluice::dsl::ast
