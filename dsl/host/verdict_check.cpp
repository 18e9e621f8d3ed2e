#include "dsl/host/verdict_check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/check/literals.hpp"
#include "dsl/check/results.hpp"
#include "dsl/lib/status.hpp"

namespace sluice::dsl {

namespace {

using ast::as;
using ast::Call;
using ast::If;
using ast::Kind;
using ast::Node;
using ast::Switch;

// What is missing, where to mark it, what to write.
struct Missing {
    Span span;
    std::string_view what;
    std::string_view hint;
};

Span keyword(const Node& node, std::uint32_t length) {
    return {node.span.begin, std::min(node.span.end, node.span.begin + length)};
}

Missing missing_status(const Node& node) {
    switch (node.kind) {
        case Kind::if_:
            return {{node.span.begin, as<If>(node).condition->span.end},
                    "nothing follows when the condition is false",
                    "add else { state::next() }"};
        case Kind::switch_:
            return {{node.span.begin, as<Switch>(node).subject->span.end},
                    "nothing follows when no case matches",
                    "add the case _ => state::next()"};
        case Kind::return_: return {node.span, "`return` has no value", "write return state::next();"};
        case Kind::block:
            return {node.span, "the block is empty", "write { state::next() }, or give a status after what it does"};
        case Kind::let:
        case Kind::assign:
            return {node.span, "its last statement gives no value", "add a line after it: state::next()"};
        case Kind::for_:
        case Kind::while_:
        case Kind::do_:
            return {keyword(node, node.kind == Kind::while_ ? 5
                                  : node.kind == Kind::for_ ? 3
                                                            : 2),
                    "nothing follows when the loop has ended", "add a line after it: state::next()"};
        case Kind::try_:
            return {keyword(node, 3), "`try` has no value", "add a line after it: state::next(), or use return inside"};
        case Kind::break_: return {node.span, "`break` has no value", "write break state::next();"};
        default: return {node.span, "this gives no value", "end the rule with state::next()"};
    }
}

class DirectiveCheck {
  public:
    DirectiveCheck(Stage stage, const Directive& directive, const check::Literals& literals, const SourcePtr& source,
                   Diagnostics& diagnostics)
        : stage_(stage), directive_(directive), literals_(literals), source_(source), diagnostics_(diagnostics) {}

    void run(const Node& body) {
        const auto results = check::results_of(body);
        if (directive_.kind == DirectiveKind::rule) {
            if (!results.without.empty()) no_status(*first(results.without));
            if (stage_ == Stage::preq)
                for (const auto* value : results.values) accepted_with(*value);
        } else if (directive_.kind == DirectiveKind::action && !results.values.empty()) {
            verdict_in_action(results.values);
        }
    }

  private:
    static const Node* first(const std::vector<const Node*>& nodes) {
        return *std::ranges::min_element(nodes, {}, [](const Node* n) { return n->span.begin; });
    }

    void no_status(const Node& node) {
        const auto missing = missing_status(node);
        diagnostics_.add(
            Code::rule_without_status, source_, missing.span,
            fmt::format("a path through the rule '{}' ends without a status: {}", directive_.name, missing.what),
            std::string(missing.hint));
    }

    // state::next() at the end of an action says what happens anyway.
    void verdict_in_action(const std::vector<const Node*>& values) {
        std::vector<const Node*> verdicts;
        for (const auto* value : values) {
            if (value->kind != Kind::call) continue;
            const auto name = literals_.native_name(as<Call>(*value));
            if (name == "deny" || (name.starts_with("state::") && name != "state::next")) verdicts.push_back(value);
        }
        if (verdicts.empty()) return;
        const auto* verdict = first(verdicts);
        diagnostics_.add(Code::status_in_action, source_, verdict->span,
                         fmt::format("the action '{}' ends in {}, but the value of an action is ignored",
                                     directive_.name, literals_.native_name(as<Call>(*verdict))),
                         fmt::format("write rule \"{}\" if the status shall count", directive_.name));
    }

    void accepted_with(const Node& node) {
        const auto value = literals_.value(node);
        const auto* status = value ? lib::as_status(*value) : nullptr;
        const auto* code = status ? lib::as_code(status->code) : nullptr;
        using Kind = lib::StatusObject::Kind;
        if (!code || (status->kind != Kind::accept && status->kind != Kind::faccept)) return;
        if (code->code >= 200 && code->code < 300) return;
        diagnostics_.add(Code::accept_code_at_preq, source_, node.span,
                         fmt::format("the rule '{}' accepts the message with the reply {}, which tells the client "
                                     "that it was not accepted",
                                     directive_.name, code->code));
    }

    Stage stage_;
    const Directive& directive_;
    const check::Literals& literals_;
    const SourcePtr& source_;
    Diagnostics& diagnostics_;
};

}  // namespace

void check_verdicts(const RuleScript& script, const ScriptPlaces& places, Diagnostics& diagnostics) {
    std::unordered_map<const SourceFile*, check::Literals> literals;
    for (std::size_t i = 0; i < stage_count; ++i) {
        const auto stage = static_cast<Stage>(i);
        for (const auto& directive : script.directives(stage)) {
            const auto* function = directive.function;
            const auto& source = function->unit->source;
            const auto* tree = places.tree(source.get());
            const auto* body = places.body(source.get(), function->span);
            if (!tree || !body) continue;
            const auto& known = literals.try_emplace(source.get(), *tree, *script.program().natives).first->second;
            DirectiveCheck(stage, directive, known, source, diagnostics).run(*body);
        }
    }
}

}  // namespace sluice::dsl
