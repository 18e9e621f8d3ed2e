// W0100: a variable that is never read. Parameters are not among them: who calls decides about those.
#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

#include "dsl/check/resolve.hpp"
#include "dsl/lint/lints.hpp"

namespace sluice::dsl::lint {

using namespace ast;

namespace {

class Usage {
  public:
    explicit Usage(const File& file) : file_(file) {
        for (const auto* statement : file.tree.statements)
            if (statement->kind == Kind::export_ && as<Export>(*statement).let)
                read_.insert(as<Export>(*statement).let->decl);
        for_each_node(file.tree, [&](const Node& node) { visit(node); });
    }

    void report() const {
        for (const auto* decl : declared_) {
            if (decl->name.starts_with('_') || read_.contains(decl) || read_by_name_.contains(decl->name)) continue;
            if (decl->is_global_const && global_.contains(decl->name)) continue;
            file_.warn(Code::unused_variable, decl->span,
                       fmt::format("the {} '{}' is {}", decl->is_const ? "constant" : "variable", decl->name,
                                   assigned_.contains(decl) ? "assigned, but never read" : "never read"),
                       fmt::format("remove it, or call it '_{}' if it must stay", decl->name));
        }
    }

  private:
    void visit(const Node& node) {
        switch (node.kind) {
            case Kind::let: declared_.push_back(as<Let>(node).decl); break;
            case Kind::for_:
                declared_.push_back(as<For>(node).item);
                if (as<For>(node).counter) declared_.push_back(as<For>(node).counter);
                break;
            case Kind::try_:
                if (as<Try>(node).error) declared_.push_back(as<Try>(node).error);
                break;
            case Kind::assign: assign(as<Assign>(node)); break;
            case Kind::name:
                if (const auto* decl = as<Name>(node).decl; decl && !targets_.contains(&node))
                    read_.insert(&check::root_of(*decl));
                break;
            case Kind::path:
                if (as<Path>(node).segments.front().name == "global")
                    global_.insert(as<Path>(node).segments.back().name);
                break;
            case Kind::call: call(as<Call>(node)); break;
            default: break;
        }
    }

    // `x = 1;` writes x; `x += 1;` and `x.a = 1;` too, but a value that others may share is worth keeping quiet about.
    void assign(const Assign& node) {
        if (node.op != AssignOp::set || node.target->kind != Kind::name) return;
        targets_.insert(node.target);
        if (const auto* decl = as<Name>(*node.target).decl) assigned_.insert(&check::root_of(*decl));
    }

    void call(const Call& node) {
        if (node.callee.front().name == "is_def_var" && node.args.size() == 1 && node.args[0]->kind == Kind::string)
            read_by_name_.insert(as<String>(*node.args[0]).value);
    }

    const File& file_;
    std::vector<const Decl*> declared_;
    std::unordered_set<const Decl*> read_, assigned_;
    std::unordered_set<const Node*> targets_;
    std::unordered_set<std::string_view> global_, read_by_name_;
};

}  // namespace

void unused_variables(const File& file) { Usage(file).report(); }

}  // namespace sluice::dsl::lint
