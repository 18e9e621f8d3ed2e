// W0201: a rule that ends in a value of another type than status. It fails whenever that value is reached (vsl-rules.md
// 7).
#include <fmt/format.h>

#include <algorithm>

#include "dsl/check/results.hpp"
#include "dsl/lint/lints.hpp"

namespace sluice::dsl::lint {

using namespace ast;

namespace {

std::string hint_for(const File& file, const Node& value, std::string_view type) {
    if (type == "bool" && value.kind != Kind::boolean)
        return fmt::format("decide with it: if {} {{ state::deny() }} else {{ state::next() }}",
                           value.span.end - value.span.begin < 60 ? file.text(value.span) : "...");
    if (type == "code") return fmt::format("say what to do with it: state::deny({})", file.text(value.span));
    return "end every path in state::next(), accept, faccept, deny or quarantine";
}

}  // namespace

void rule_values(const Rule& rule) {
    if (rule.directive.kind != dsl::DirectiveKind::rule) return;
    auto values = check::results_of(rule.body).values;
    std::ranges::sort(values, {}, [](const Node* node) { return node->span.begin; });
    for (const auto* value : values) {
        const auto type = rule.file.types.of(*value);
        if (type.empty() || type == "status") continue;
        rule.file.warn(Code::rule_value, value->span,
                       fmt::format("the rule '{}' ends in {}{}, not in a status, and fails here", rule.directive.name,
                                   value->kind == Kind::binary && type == "bool" ? "a comparison, which gives " : "",
                                   with_article(type)),
                       hint_for(rule.file, *value, type));
        return;
    }
}

}  // namespace sluice::dsl::lint
