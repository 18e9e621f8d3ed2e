// Expressions.
#include <algorithm>

#include "dsl/ast/operators.hpp"
#include "dsl/format/writer.hpp"
#include "dsl/source/utf8.hpp"

namespace sluice::dsl::format {

using ast::as;
using ast::Kind;
using ast::Node;

namespace {

bool is_suffix(const Node& node) {
    return node.kind == Kind::index || node.kind == Kind::property || node.kind == Kind::method;
}

const Node& base_of(const Node& suffix) {
    if (suffix.kind == Kind::index) return *as<ast::Index>(suffix).base;
    if (suffix.kind == Kind::property) return *as<ast::Property>(suffix).base;
    return *as<ast::Method>(suffix).base;
}

// Where the node's own text begins, but for parentheses round all of it: a parenthesis leaves nothing but a wider span.
std::uint32_t own_begin(const Node& node) {
    if (node.kind == Kind::binary) return as<ast::Binary>(node).left->span.begin;
    return is_suffix(node) ? base_of(node).span.begin : UINT32_MAX;
}

bool in_parentheses(const Node& node) { return own_begin(node) != UINT32_MAX && own_begin(node) != node.span.begin; }

// One token, or a name with its module.
bool is_atom(const Node& node) {
    return ast::is_scalar_literal(node.kind) || node.kind == Kind::name || node.kind == Kind::this_ ||
           node.kind == Kind::path;
}

// Begins with a bracket that the lines of its content can stand inside of.
bool is_container(const Node& node) {
    switch (node.kind) {
        case Kind::array: return !as<ast::Array>(node).items.empty();
        case Kind::map: return !as<ast::Map>(node).entries.empty();
        case Kind::block:
        case Kind::switch_:
        case Kind::if_: return true;
        default: return false;
    }
}

bool has_comment(std::string_view gap) { return gap.find("//") != gap.npos || gap.find("/*") != gap.npos; }

bool is_range(ast::BinaryOp op) { return op == ast::BinaryOp::range || op == ast::BinaryOp::range_inclusive; }

bool is_plain_operand(const Node& node) { return node.kind != Kind::binary || in_parentheses(node); }

}  // namespace

std::uint32_t Writer::open_groups(const Node& node) {
    std::uint32_t count = 0;
    const auto own = own_begin(node);
    while (next_is("(") && (own == UINT32_MAX ? node.kind != Kind::unit || !next_is("()") : at_ < own)) {
        token("(");
        ++count;
    }
    return count;
}

void Writer::close_groups(std::uint32_t count) {
    for (; count > 0; --count) closer(")");
}

void Writer::expression(const Node& node) {
    auto groups = open_groups(node);
    if (node.kind == Kind::integer || node.kind == Kind::floating)
        number(node, groups);
    else if (!primary(node))
        statement(node);
    close_groups(groups);
}

bool Writer::primary(const Node& node) {
    switch (node.kind) {
        case Kind::unit: token("()"); break;
        case Kind::boolean: word(as<ast::Boolean>(node).value ? "true" : "false"); break;
        case Kind::character:
        case Kind::string:
        case Kind::template_: literal(); break;
        case Kind::array: array(as<ast::Array>(node)); break;
        case Kind::map: map(as<ast::Map>(node)); break;
        case Kind::name: word(as<ast::Name>(node).name); break;
        case Kind::this_: word("this"); break;
        case Kind::path:
            for (const auto& segment : as<ast::Path>(node).segments) {
                if (segment.span.begin != node.span.begin && next_is("::")) token("::");
                word(segment.name);
            }
            break;
        case Kind::call: call(as<ast::Call>(node)); break;
        case Kind::closure: closure(as<ast::Closure>(node)); break;
        case Kind::directive: directive(as<ast::Directive>(node)); break;
        case Kind::index:
        case Kind::property:
        case Kind::method: suffixes(node); break;
        case Kind::unary: unary(as<ast::Unary>(node)); break;
        case Kind::binary: binary(as<ast::Binary>(node)); break;
        default: return false;
    }
    return true;
}

// A label like `- 1` was made one number of by the parser: it stays as it is written.
void Writer::number(const Node& node, std::uint32_t& groups) {
    if (literal_length(text_, at_) != 0) return literal();
    until(node.span.end);
    groups = 0;
}

void Writer::map(const ast::Map& map) {
    list({"#{", "}", true, false, true}, map.entries.size(), [&](std::size_t i) {
        const auto& entry = map.entries[i];
        until(entry.key_span.end);
        token(":");
        layout_.space();
        expression(*entry.value);
    });
}

void Writer::array(const ast::Array& array) {
    const bool tall = std::ranges::any_of(array.items, [](const Node* n) { return n->kind == Kind::directive; });
    list({"[", "]", false, tall, true}, array.items.size(), [&](std::size_t i) { expression(*array.items[i]); });
}

void Writer::call(const ast::Call& call) {
    for (std::size_t i = 0; i < call.callee.size(); ++i) {
        if (i != 0) token("::");
        word(call.callee[i].name);
    }
    if (call.caller_scope) token("!");
    arguments(call.args, call.span.end);
}

// `f(a, |x| {` … `})`: the brackets of the last argument serve for both.
bool Writer::hugs(ast::Nodes args, std::uint32_t end) const {
    if (args.empty()) return false;
    const Node& last = *args.back();
    const bool opens = last.kind == Kind::closure ? is_container(*as<ast::Closure>(last).body) &&
                                                        as<ast::Closure>(last).body->kind != Kind::if_
                                                  : last.kind == Kind::array || last.kind == Kind::map;
    if (!opens || text_[last.span.begin] == '(') return false;
    std::size_t width = 0;
    std::uint32_t gap = at_;
    for (const Node* arg : args) {
        if (has_comment(text_.substr(gap, arg->span.begin - gap))) return false;
        gap = arg->span.end;
        if (arg == &last) continue;
        const auto text = ast_.source()->text(arg->span);
        if (!is_atom(*arg) || text.find('\n') != text.npos || has_comment(text)) return false;
        width += count_scalars(text);
    }
    constexpr std::size_t half_a_line = 50;
    return width <= half_a_line && !has_comment(text_.substr(gap, end - gap));
}

void Writer::arguments(ast::Nodes args, std::uint32_t end) {
    if (!next_is("(")) throw Lost{};
    if (!hugs(args, end)) return list({"(", ")"}, args.size(), [&](std::size_t i) { expression(*args[i]); });
    token("(");
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (i != 0) {
            separator(",");
            layout_.space();
        }
        expression(*args[i]);
    }
    if (next_is(",")) drop(",");
    closer(")");
}

void Writer::closure(const ast::Closure& closure) {
    if (closure.params.empty() && next_is("||")) {
        token("||");
    } else {
        token("|");
        for (std::size_t i = 0; i < closure.params.size(); ++i) {
            if (i != 0) {
                separator(",");
                layout_.space();
            }
            word(closure.params[i]->name);
        }
        if (next_is(",")) drop(",");
        token("|");
    }
    layout_.space();
    statement(*closure.body);
}

void Writer::directive(const ast::Directive& directive) {
    using ast::DirectiveKind;
    const auto kind = directive.directive;
    word(kind == DirectiveKind::rule ? "rule" : kind == DirectiveKind::action ? "action" : "delegate");
    layout_.space();
    if (directive.service != nullptr) {
        const bool called = next_is("(") && directive.service->span.begin != at_;
        if (called) token("(");
        expression(*directive.service);
        if (called && next_is(",")) drop(",");
        if (called) closer(")");
        layout_.space();
    }
    until(directive.name_span.end);
    layout_.space();
    expression(*directive.body);
}

void Writer::suffix(const Node& node) {
    if (node.kind == Kind::index) {
        const auto& index = as<ast::Index>(node);
        token(index.null_safe ? "?[" : "[");
        expression(*index.key);
        return closer("]");
    }
    const bool null_safe =
        node.kind == Kind::method ? as<ast::Method>(node).null_safe : as<ast::Property>(node).null_safe;
    token(null_safe ? "?." : ".");
    if (node.kind == Kind::property) return word(as<ast::Property>(node).name);
    const auto& method = as<ast::Method>(node);
    word(method.name);
    arguments(method.args, node.span.end);
}

// `a.b[c].d(e)`: leans to the left, so it is walked from the end to the base and written back.
void Writer::suffixes(const Node& node) {
    std::vector<const Node*> chain;
    const Node* base = &node;
    do {
        chain.push_back(base);
        base = &base_of(*base);
    } while (is_suffix(*base) && !in_parentheses(*base));
    std::ranges::reverse(chain);

    constexpr std::ptrdiff_t many = 3;
    const bool breaks = std::ranges::count(chain, Kind::method, &Node::kind) >= many;
    if (breaks) layout_.begin();
    const bool number_with_dot = text_[base->span.end - 1] == '.';
    expression(*base);
    if (number_with_dot) layout_.space();
    if (breaks) layout_.indent();
    for (const Node* link : chain) {
        if (breaks && link->kind == Kind::method) soft();
        suffix(*link);
    }
    if (breaks) layout_.dedent(), layout_.end();
}

// `- 1` is not `-1`, and `--` is nothing.
void Writer::unary(const ast::Unary& unary) {
    const auto sign = ast::text(unary.op);
    token(sign);
    if (!rest().empty() &&
        (rest().front() == sign.front() || (sign == "-" && rest().front() >= '0' && rest().front() <= '9')))
        layout_.space();
    expression(*unary.operand);
}

void Writer::operation(const ast::Binary& binary) {
    const auto length = binary.op_span.end - binary.op_span.begin;
    if (at_ != binary.op_span.begin) throw Lost{};
    take(length);
}

// Operators of one level lean to the left: they are written in one run. Those that bind tighter are groups of their
// own.
void Writer::binary(const ast::Binary& top) {
    std::vector<const ast::Binary*> chain{&top};
    const int level = info(top.op).precedence;
    while (!is_plain_operand(*chain.back()->left)) {
        const auto& left = as<ast::Binary>(*chain.back()->left);
        if (info(left.op).precedence != level) break;
        chain.push_back(&left);
    }
    std::ranges::reverse(chain);

    if (is_range(top.op)) {
        const bool tight = chain.size() == 1 && is_plain_operand(*top.left) && is_plain_operand(*top.right) &&
                           text_[top.left->span.end - 1] != '.';
        expression(*top.left);
        if (!tight) layout_.space();
        operation(top);
        if (!tight) layout_.space();
        return expression(*top.right);
    }
    const bool hugging = chain.size() == 1 && is_container(*top.right);
    layout_.begin();
    expression(*chain.front()->left);
    if (!hugging) layout_.indent();
    for (const auto* link : chain) {
        hugging ? layout_.space() : line();
        operation(*link);
        layout_.space();
        expression(*link->right);
    }
    if (!hugging) layout_.dedent();
    layout_.end();
}

}  // namespace sluice::dsl::format
