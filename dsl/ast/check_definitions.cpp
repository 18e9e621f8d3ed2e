#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "dsl/ast/checks.hpp"
#include "grammar/vsl/words.hpp"

namespace sluice::dsl::ast {

namespace {

void check_keys(const Map& map, Report& report) {
    std::unordered_set<std::string_view> seen;
    for (const auto& entry : map.entries) {
        if (seen.insert(entry.key).second) continue;
        report(Code::duplicate_key, entry.key_span, fmt::format("the map has the key `{}` already", entry.key));
    }
}

// The name of a function pointer must be one that a function can have.
void check_pointer(const Call& call, Report& report) {
    if (call.callee.size() != 1 || call.callee[0].name != "Fn" || call.args.size() != 1) return;
    if (call.args[0]->kind != Kind::string) return;
    const auto name = as<String>(*call.args[0]).value;
    if (!grammar::vsl::can_name_function(name)) {
        report(Code::fn_pointer_reserved, call.args[0]->span,
               fmt::format("`{}` cannot be the name of a function", name));
    }
}

}  // namespace

// `rule || …` reads as "rule or …"; in a list it is a directive that lacks its name.
void check_directives(const Array& list, Report& report) {
    for (const Node* item : list.items) {
        const Node* first = item;
        const Binary* last = nullptr;
        for (; first->kind == Kind::binary; first = last->left) last = &as<Binary>(*first);
        if (last == nullptr || last->op != BinaryOp::or_ || first->kind != Kind::name) continue;
        const auto word = as<Name>(*first).name;
        if (word == "rule" || word == "action") report(Code::directive_name_expected, first->span);
    }
}

void check_parameters(List<Decl*> parameters, Report& report) {
    std::unordered_set<std::string_view> seen;
    for (const Decl* p : parameters) {
        if (seen.insert(p->name).second) continue;
        report(Code::duplicate_parameter, p->span, fmt::format("there is a parameter `{}` already", p->name));
    }
}

void check_duplicates(const Node& n, Report& report) {
    switch (n.kind) {
        case Kind::map: return check_keys(as<Map>(n), report);
        case Kind::closure: return check_parameters(as<Closure>(n).params, report);
        case Kind::function: return check_parameters(as<Function>(n).params, report);
        case Kind::call: return check_pointer(as<Call>(n), report);
        case Kind::for_: {
            const auto& loop = as<For>(n);
            if (loop.counter != nullptr && loop.counter->name == loop.item->name) {
                report(Code::duplicate_loop_variable, loop.counter->span,
                       fmt::format("both loop variables are called `{}`", loop.item->name));
            }
            return;
        }
        default: return;
    }
}

void check_functions(const Ast& ast, Report& report) {
    std::vector<const Function*> sorted(ast.functions.begin(), ast.functions.end());
    const auto key = [](const Function* f) { return std::pair(f->name, f->params.size()); };
    std::stable_sort(sorted.begin(), sorted.end(),
                     [&](const Function* a, const Function* b) { return key(a) < key(b); });
    for (std::size_t i = 1, first = 0; i < sorted.size(); ++i) {
        if (key(sorted[i]) != key(sorted[first])) {
            first = i;
            continue;
        }
        const auto* function = sorted[i];
        const auto line = report.source().position(sorted[first]->name_span.begin).line;
        report(Code::duplicate_function, function->name_span,
               fmt::format("`{}` with {} parameter{} is defined already, in line {}", function->name,
                           function->params.size(), function->params.size() == 1 ? "" : "s", line));
    }
}

}  // namespace sluice::dsl::ast
