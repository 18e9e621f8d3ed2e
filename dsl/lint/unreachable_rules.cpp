// W0200: directives after a rule that ends the stage whatever happens (vsl-rules.md section 6).
#include <fmt/format.h>

#include "dsl/check/results.hpp"
#include "dsl/lint/lints.hpp"

namespace sluice::dsl::lint {

using namespace ast;

namespace {

bool ends_the_stage(const Rule& rule) {
    if (rule.directive.kind != dsl::DirectiveKind::rule) return false;
    const auto results = check::results_of(rule.body);
    if (!results.without.empty() || results.values.empty()) return false;
    for (const auto* value : results.values) {
        if (value->kind != Kind::call) return false;
        const auto name = rule.file.literals.native_name(as<Call>(*value));
        if (name != "deny" && (!name.starts_with("state::") || name == "state::next")) return false;
    }
    return true;
}

}  // namespace

void unreachable_rules(const StageRules& rules, Diagnostics& diagnostics) {
    for (std::size_t i = 0; i + 1 < rules.size(); ++i) {
        if (!ends_the_stage(rules[i])) continue;
        const auto& next = rules[i + 1];
        const auto left = rules.size() - i - 2;
        diagnostics.add(
            Code::unreachable_rule, next.script, next.place,
            fmt::format("'{}' is never reached{}: the rule '{}' in line {} always ends the stage", next.directive.name,
                        left == 0   ? std::string()
                        : left == 1 ? std::string(", nor is the directive after it")
                                    : fmt::format(", nor are the {} directives after it", left),
                        rules[i].directive.name, next.script->position(rules[i].place.begin).line),
            fmt::format("move it before '{}', or let that one end in state::next() when it does not "
                        "apply",
                        rules[i].directive.name));
        return;
    }
}

}  // namespace sluice::dsl::lint
