#include "dsl/lint/lint.hpp"

#include <algorithm>
#include <map>

#include "dsl/lint/lints.hpp"

namespace sluice::dsl::lint {

namespace {

void any_file(const File& file) {
    unused_variables(file);
    shadowed_names(file);
    constant_conditions(file);
    incomparable_types(file);
    failing_calls(file);
    regexes(file);
    unreachable_code(file);
    reply_codes(file);
}

// The directive as it is written in the stage's list, else its function.
Span place_of(const ScriptPlaces& places, Stage stage, std::size_t index, const Directive& directive) {
    if (const auto* item = places.item(to_string(stage), index)) {
        if (item->kind != ast::Kind::directive) return item->span;
        const auto& written = ast::as<ast::Directive>(*item);
        return {written.span.begin, written.name_span.end};
    }
    if (const auto* written = places.directive(directive.name)) return {written->span.begin, written->name_span.end};
    return directive.function->span;
}

// By file, in the order of the text: each kind of lint goes over the whole file.
void hand_over(const Diagnostics& found, const Trees& trees, Diagnostics& to) {
    for (const auto& tree : trees) {
        std::vector<Diagnostic> here;
        for (const auto& diagnostic : found.all())
            if (diagnostic.source == tree->source()) here.push_back(diagnostic);
        std::ranges::stable_sort(here, {}, [](const Diagnostic& d) { return d.span.begin; });
        for (auto& diagnostic : here) to.add(std::move(diagnostic));
    }
}

void all_rules(const RuleScript& script, const Trees& trees, Diagnostics& diagnostics) {
    const auto& natives = *script.program().natives;
    std::map<const SourceFile*, File> files;
    for (const auto& tree : trees) {
        const auto& file = files.try_emplace(tree->source().get(), *tree, natives, diagnostics).first->second;
        any_file(file);
    }
    const auto& source = script.program().main->source;
    const ScriptPlaces places(trees, source);
    for (std::size_t i = 0; i < stage_count; ++i) {
        const auto stage = static_cast<Stage>(i);
        StageRules stage_rules;
        const auto& directives = script.directives(stage);
        for (std::size_t at = 0; at < directives.size(); ++at) {
            const auto* function = directives[at].function;
            const auto* of = function->unit->source.get();
            const auto* body = places.body(of, function->span);
            const auto file = files.find(of);
            if (!body || file == files.end()) continue;
            stage_rules.push_back(
                {directives[at], file->second, *body, place_of(places, stage, at, directives[at]), source});
            rule_values(stage_rules.back());
        }
        unreachable_rules(stage_rules, diagnostics);
    }
}

}  // namespace

void rules(const RuleScript& script, const Trees& trees, Diagnostics& diagnostics) {
    Diagnostics found;
    all_rules(script, trees, found);
    hand_over(found, trees, diagnostics);
}

}  // namespace sluice::dsl::lint
