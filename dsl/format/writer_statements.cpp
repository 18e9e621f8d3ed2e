// Statements, blocks and control flow.
#include "dsl/format/writer.hpp"

namespace sluice::dsl::format {

using ast::as;
using ast::Kind;
using ast::Node;

namespace {

bool ends_at_its_brace(const Node& node) {
    switch (node.kind) {
        case Kind::block:
        case Kind::if_:
        case Kind::switch_:
        case Kind::while_:
        case Kind::loop:
        case Kind::for_:
        case Kind::try_:
        case Kind::function: return true;
        default: return false;
    }
}

}  // namespace

void Writer::semicolons() {
    while (next_is(";")) drop(";");
}

void Writer::statements(std::span<const Node* const> list, bool first) {
    semicolons();
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i != 0) hard();
        item_start(first && i == 0);
        const bool closed = ends_at_its_brace(*list[i]) && !next_is("(");
        statement(*list[i]);
        const bool last = i + 1 == list.size();
        if (next_is(";") && (!closed || last))
            separator(";");
        else if (!closed && !last)
            throw Lost{};
        semicolons();
    }
}

void Writer::statement(const Node& node) {
    if (next_is("(")) return expression(node);
    switch (node.kind) {
        case Kind::block: return block(node);
        case Kind::if_: return if_(as<ast::If>(node));
        case Kind::switch_: return switch_(as<ast::Switch>(node));
        case Kind::while_:
            word("while");
            condition(*as<ast::While>(node).condition);
            return block(*as<ast::While>(node).body);
        case Kind::loop:
            word("loop");
            layout_.space();
            return block(*as<ast::Loop>(node).body);
        case Kind::do_: return do_(as<ast::Do>(node));
        case Kind::for_: return for_(as<ast::For>(node));
        case Kind::try_: return try_(as<ast::Try>(node));
        case Kind::let: return let(as<ast::Let>(node));
        case Kind::import: return import(as<ast::Import>(node));
        case Kind::export_: return export_(as<ast::Export>(node));
        case Kind::break_: return with_value("break", as<ast::Break>(node).value);
        case Kind::continue_: return word("continue");
        case Kind::return_: return with_value("return", as<ast::Return>(node).value);
        case Kind::throw_: return with_value("throw", as<ast::Throw>(node).value);
        case Kind::assign: return assign(as<ast::Assign>(node));
        case Kind::function: return function(as<ast::Function>(node));
        case Kind::empty: throw Lost{};
        default: return expression(node);
    }
}

void Writer::block(const Node& node, bool own_group) {
    const auto& list = as<ast::Block>(node).statements;
    token("{");
    const bool apart = breaks() != 0;
    semicolons();
    if (list.empty() && !comments_wait()) return token("}");
    if (own_group) layout_.begin();
    if (list.size() > 1 || (!list.empty() && apart)) layout_.force();
    layout_.indent();
    line();
    statements(list);
    comments_before_end(list.empty());
    comments_inside();
    layout_.dedent();
    line();
    token("}");
    if (own_group) layout_.end();
}

// A condition of several lines stands out from the body.
void Writer::condition(const Node& node) {
    layout_.space();
    layout_.indent();
    expression(node);
    layout_.dedent();
    layout_.space();
}

// All branches stand on one line or none does.
void Writer::if_(const ast::If& node) {
    layout_.begin();
    for (const Node* branch = &node; branch != nullptr;) {
        if (branch->kind == Kind::block) {
            block(*branch, false);
            break;
        }
        const auto& current = as<ast::If>(*branch);
        word("if");
        condition(*current.condition);
        block(*current.then, false);
        branch = current.otherwise;
        if (branch == nullptr) break;
        layout_.space();
        word("else");
        layout_.space();
    }
    layout_.end();
}

void Writer::switch_(const ast::Switch& node) {
    word("switch");
    condition(*node.subject);
    token("{");
    if (node.cases.empty() && !comments_wait()) return token("}");
    layout_.begin();
    layout_.indent();
    hard();
    for (std::size_t i = 0; i < node.cases.size(); ++i) {
        item_start(i == 0);
        switch_case(node.cases[i], i + 1 == node.cases.size());
        if (i + 1 < node.cases.size()) hard();
    }
    comments_before_end(node.cases.empty());
    layout_.dedent();
    hard();
    token("}");
    layout_.end();
}

void Writer::switch_case(const ast::SwitchCase& node, bool last) {
    if (node.labels.empty()) token("_");
    for (std::size_t i = 0; i < node.labels.size(); ++i) {
        if (i != 0) {
            layout_.space();
            token("|");
            layout_.space();
        }
        expression(*node.labels[i]);
    }
    if (node.guard != nullptr) {
        layout_.space();
        word("if");
        layout_.space();
        expression(*node.guard);
    }
    layout_.space();
    token("=>");
    layout_.space();
    const bool closed = ends_at_its_brace(*node.body) && !next_is("(");
    statement(*node.body);
    if (closed) {
        if (next_is(",")) drop(",");
    } else if (next_is(",")) {
        separator(",");
    } else if (last) {
        layout_.text(",");
    }
}

void Writer::for_(const ast::For& node) {
    word("for");
    layout_.space();
    if (node.counter != nullptr) {
        token("(");
        word(node.item->name);
        separator(",");
        layout_.space();
        word(node.counter->name);
        closer(")");
    } else {
        word(node.item->name);
    }
    layout_.space();
    word("in");
    condition(*node.source);
    block(*node.body);
}

void Writer::try_(const ast::Try& node) {
    layout_.begin();
    word("try");
    layout_.space();
    block(*node.body, false);
    layout_.space();
    word("catch");
    layout_.space();
    if (node.error != nullptr) {
        token("(");
        word(node.error->name);
        closer(")");
        layout_.space();
    }
    block(*node.handler, false);
    layout_.end();
}

void Writer::do_(const ast::Do& node) {
    word("do");
    layout_.space();
    block(*node.body);
    layout_.space();
    word(node.until ? "until" : "while");
    layout_.space();
    expression(*node.condition);
}

void Writer::let(const ast::Let& node) {
    word(node.decl->is_const ? "const" : "let");
    layout_.space();
    word(node.decl->name);
    if (node.init == nullptr) return;
    layout_.space();
    token("=");
    layout_.space();
    expression(*node.init);
}

void Writer::import(const ast::Import& node) {
    word("import");
    layout_.space();
    expression(*node.path);
    if (node.alias.empty()) return;
    layout_.space();
    word("as");
    layout_.space();
    word(node.alias);
}

void Writer::export_(const ast::Export& node) {
    word("export");
    layout_.space();
    if (node.let != nullptr) return let(*node.let);
    word(node.name->name);
    if (node.alias.empty()) return;
    layout_.space();
    word("as");
    layout_.space();
    word(node.alias);
}

void Writer::assign(const ast::Assign& node) {
    expression(*node.target);
    layout_.space();
    if (at_ != node.op_span.begin) throw Lost{};
    take(node.op_span.end - node.op_span.begin);
    layout_.space();
    expression(*node.value);
}

void Writer::with_value(std::string_view keyword, const Node* value) {
    word(keyword);
    if (value == nullptr) return;
    layout_.space();
    expression(*value);
}

void Writer::function(const ast::Function& node) {
    if (node.is_private) {
        word("private");
        layout_.space();
    }
    word("fn");
    layout_.space();
    word(node.name);
    parameters(node.params);
    layout_.space();
    block(*node.body);
}

}  // namespace sluice::dsl::format
