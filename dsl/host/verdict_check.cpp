#include "dsl/host/verdict_check.hpp"

#include <set>

#include <fmt/format.h>

namespace sluice::dsl {

namespace {

using code::Opcode;

// state::next() at the end of an action says what happens anyway.
bool decides(const NativeGroup& group) {
    return (group.name.starts_with("state::") && group.name != "state::next") || group.name == "deny";
}

class DirectiveCheck {
  public:
    DirectiveCheck(const Directive& directive, const Function& function, Diagnostics& diagnostics)
        : directive_(directive), function_(function), diagnostics_(diagnostics) {
        for (const auto& in : function.code)
            if (in.op == Opcode::return_) returned_.insert(in.a);
    }

    void run() {
        for (std::size_t at = 0; at < function_.code.size(); ++at) {
            const auto& in = function_.code[at];
            if (directive_.kind == DirectiveKind::rule)
                rule(in, at);
            else if (directive_.kind == DirectiveKind::action)
                action(in, at);
        }
    }

  private:
    // () reaches the returned register where an `if` has no else, a switch no default, or the last statement no value.
    void rule(const code::Instruction& in, std::size_t at) {
        const bool unit = in.op == Opcode::return_unit || (in.op == Opcode::load_unit && returned_.contains(in.a));
        if (!unit || reported_) return;
        reported_ = true;
        report(Code::rule_without_status, at,
               fmt::format("a path through the rule '{}' ends without a status", directive_.name),
               "end every path in state::next(), accept, faccept, deny or quarantine; an `if` needs an `else`");
    }

    void action(const code::Instruction& in, std::size_t at) {
        if (in.op != Opcode::call_native || !returned_.contains(in.a)) return;
        const auto& group = *function_.unit->natives[in.c];
        if (!decides(group)) return;
        report(Code::status_in_action, at,
               fmt::format("the action '{}' ends in {}, but the value of an action is ignored", directive_.name,
                           group.name),
               fmt::format("write rule \"{}\" if the status shall count", directive_.name));
    }

    void report(Code code, std::size_t at, std::string text, std::string hint) {
        const auto offset = function_.offsets[at];
        diagnostics_.add(code, function_.unit->source, {offset, offset + 1}, std::move(text), std::move(hint));
    }

    const Directive& directive_;
    const Function& function_;
    Diagnostics& diagnostics_;
    std::set<std::uint16_t> returned_;
    bool reported_ = false;
};

}  // namespace

void check_verdicts(const RuleScript& script, Diagnostics& diagnostics) {
    for (std::size_t i = 0; i < stage_count; ++i) {
        for (const auto& directive : script.directives(static_cast<Stage>(i))) {
            const auto& fn = directive.body.as_fn();
            const auto* unit = static_cast<const code::Unit*>(fn.unit);
            const auto* function = fn.function ? fn.function : unit->find(fn.name.as_string(), fn.curried.size());
            if (function) DirectiveCheck(directive, *function, diagnostics).run();
        }
    }
}

}  // namespace sluice::dsl
