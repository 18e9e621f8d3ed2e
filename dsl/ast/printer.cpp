#include "dsl/ast/printer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>
#include <vector>

#include "dsl/ast/operators.hpp"
#include "dsl/source/utf8.hpp"

namespace sluice::dsl::ast {

namespace {

std::string quoted(std::string_view text, char quote = '"') {
    std::string out(1, quote);
    for (const char c : text) {
        if (c == '\n')
            out += "\\n";
        else if (c == '\r')
            out += "\\r";
        else if (c == '\t')
            out += "\\t";
        else if (c == quote || c == '\\')
            (out += '\\') += c;
        else if (static_cast<unsigned char>(c) < 0x20)
            out += fmt::format("\\x{:02x}", static_cast<int>(c));
        else
            out += c;
    }
    return out + quote;
}

// Prints with a stack of work instead of recursion: a chain of operators may be as deep as the file is long.
class Printer {
  public:
    std::string run(const Node& root) {
        work_.emplace_back(&root);
        while (!work_.empty()) {
            const Item item = std::move(work_.back());
            work_.pop_back();
            if (const auto* text = std::get_if<std::string>(&item))
                out_ += *text;
            else
                print(*std::get<const Node*>(item));
        }
        return std::move(out_);
    }

  private:
    using Item = std::variant<std::string, const Node*>;

    // What follows is written down in order and turned round at the end.
    Printer& text(std::string t) {
        pending_.emplace_back(std::move(t));
        return *this;
    }
    Printer& child(const Node* node) {
        if (node == nullptr) return text(" -");
        pending_.emplace_back(" ");
        pending_.emplace_back(node);
        return *this;
    }
    Printer& children(Nodes nodes) {
        for (const Node* n : nodes) child(n);
        return *this;
    }
    Printer& parameters(List<Decl*> decls) {
        std::string names = " (";
        for (const Decl* d : decls) names += (names.size() > 2 ? " " : "") + std::string(d->name);
        return text(names + ")");
    }
    void close() {
        text(")");
        std::move(pending_.rbegin(), pending_.rend(), std::back_inserter(work_));
        pending_.clear();
    }

    void print(const Node& n);
    bool print_leaf(const Node& n);
    void print_expression(const Node& n);
    void print_control(const Node& n);
    void print_cases(const Switch& n);
    void print_statement(const Node& n);

    std::string out_;
    std::vector<Item> work_;
    std::vector<Item> pending_;
};

bool Printer::print_leaf(const Node& n) {
    switch (n.kind) {
        case Kind::unit: out_ += "()"; return true;
        case Kind::boolean: out_ += as<Boolean>(n).value ? "true" : "false"; return true;
        case Kind::integer: out_ += fmt::format("{}", as<Integer>(n).value); return true;
        case Kind::floating: out_ += fmt::format("{:#}", as<Floating>(n).value); return true;
        case Kind::character: {
            std::string c;
            append_utf8(c, as<Character>(n).value);
            out_ += quoted(c, '\'');
            return true;
        }
        case Kind::string: out_ += quoted(as<String>(n).value); return true;
        case Kind::name: out_ += as<Name>(n).name; return true;
        case Kind::this_: out_ += "this"; return true;
        case Kind::path: out_ += joined(as<Path>(n).segments); return true;
        case Kind::continue_: out_ += "(continue)"; return true;
        case Kind::empty: out_ += "(empty)"; return true;
        default: return false;
    }
}

void Printer::print_expression(const Node& n) {
    switch (n.kind) {
        case Kind::template_: text("(template").children(as<Template>(n).parts); break;
        case Kind::array: text("(array").children(as<Array>(n).items); break;
        case Kind::map:
            text("(map");
            for (const auto& e : as<Map>(n).entries) text(" " + quoted(e.key)).child(e.value);
            break;
        case Kind::call:
            text("(call " + joined(as<Call>(n).callee) + (as<Call>(n).caller_scope ? "!" : ""))
                .children(as<Call>(n).args);
            break;
        case Kind::closure: text("(closure").parameters(as<Closure>(n).params).child(as<Closure>(n).body); break;
        case Kind::directive: {
            static constexpr const char* words[] = {"(rule ", "(action ", "(delegate "};
            const auto& d = as<Directive>(n);
            text(words[static_cast<int>(d.directive)] + quoted(d.name));
            if (d.service != nullptr) child(d.service);
            child(d.body);
            break;
        }
        case Kind::index: {
            const auto& i = as<Index>(n);
            text(i.null_safe ? "(?index" : "(index").child(i.base).child(i.key);
            break;
        }
        case Kind::property: {
            const auto& p = as<Property>(n);
            text(p.null_safe ? "(?." : "(.").child(p.base).text(" " + std::string(p.name));
            break;
        }
        case Kind::method: {
            const auto& m = as<Method>(n);
            text(m.null_safe ? "(?method" : "(method").child(m.base).text(" " + std::string(m.name)).children(m.args);
            break;
        }
        case Kind::unary: text("(" + std::string(ast::text(as<Unary>(n).op))).child(as<Unary>(n).operand); break;
        case Kind::binary: {
            const auto& b = as<Binary>(n);
            text("(" + std::string(info(b.op).text)).child(b.left).child(b.right);
            break;
        }
        default: break;
    }
    close();
}

void Printer::print_cases(const Switch& n) {
    text("(switch").child(n.subject);
    for (const auto& c : n.cases) {
        text(" (case (");
        if (c.labels.empty()) text("_");
        for (std::size_t i = 0; i < c.labels.size(); ++i) {
            if (i != 0) text(" ");
            pending_.emplace_back(c.labels[i]);
        }
        text(")");
        if (c.guard != nullptr) text(" if").child(c.guard);
        child(c.body).text(")");
    }
}

void Printer::print_control(const Node& n) {
    switch (n.kind) {
        case Kind::block: text("(block").children(as<Block>(n).statements); break;
        case Kind::if_: {
            const auto& i = as<If>(n);
            text("(if").child(i.condition).child(i.then);
            if (i.otherwise != nullptr) child(i.otherwise);
            break;
        }
        case Kind::switch_: print_cases(as<Switch>(n)); break;
        case Kind::while_: text("(while").child(as<While>(n).condition).child(as<While>(n).body); break;
        case Kind::loop: text("(loop").child(as<Loop>(n).body); break;
        case Kind::do_: {
            const auto& d = as<Do>(n);
            text(d.until ? "(do-until" : "(do-while").child(d.body).child(d.condition);
            break;
        }
        case Kind::for_: {
            const auto& f = as<For>(n);
            text("(for " + std::string(f.item->name));
            if (f.counter != nullptr) text(" " + std::string(f.counter->name));
            child(f.source).child(f.body);
            break;
        }
        case Kind::try_: {
            const auto& t = as<Try>(n);
            text("(try")
                .child(t.body)
                .text(t.error != nullptr ? " " + std::string(t.error->name) : " -")
                .child(t.handler);
            break;
        }
        default: break;
    }
    close();
}

void Printer::print_statement(const Node& n) {
    const auto optional = [&](std::string_view word, const Node* value) {
        text("(" + std::string(word));
        if (value != nullptr) child(value);
    };
    switch (n.kind) {
        case Kind::let: {
            const auto& l = as<Let>(n);
            optional((l.decl->is_const ? "const " : "let ") + std::string(l.decl->name), l.init);
            break;
        }
        case Kind::import: {
            const auto& i = as<Import>(n);
            text("(import").child(i.path);
            if (!i.alias.empty()) text(" as " + std::string(i.alias));
            break;
        }
        case Kind::export_: {
            const auto& e = as<Export>(n);
            text("(export").child(e.let != nullptr ? static_cast<const Node*>(e.let) : e.name);
            if (!e.alias.empty()) text(" as " + std::string(e.alias));
            break;
        }
        case Kind::break_: optional("break", as<Break>(n).value); break;
        case Kind::return_: optional("return", as<Return>(n).value); break;
        case Kind::throw_: optional("throw", as<Throw>(n).value); break;
        case Kind::assign: {
            const auto& a = as<Assign>(n);
            text("(" + std::string(ast::text(a.op))).child(a.target).child(a.value);
            break;
        }
        case Kind::function: {
            const auto& f = as<Function>(n);
            text((f.is_private ? "(private-fn " : "(fn ") + std::string(f.name)).parameters(f.params).child(f.body);
            break;
        }
        default: break;
    }
    close();
}

void Printer::print(const Node& n) {
    if (print_leaf(n)) return;
    if (n.kind < Kind::block)
        print_expression(n);
    else if (n.kind < Kind::let || n.kind == Kind::try_)
        print_control(n);
    else
        print_statement(n);
}

}  // namespace

std::string print(const Node& node) { return Printer().run(node); }

std::string print(const Ast& ast) {
    std::string out;
    for (const Node* n : ast.statements) out += print(*n) + "\n";
    for (const Function* f : ast.functions) out += print(*f) + "\n";
    return out;
}

}  // namespace sluice::dsl::ast
