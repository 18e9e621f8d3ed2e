#include "dsl/tools/coverage.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <boost/json.hpp>

namespace sluice::dsl::tools {

namespace {

namespace json = boost::json;
using Kind = code::Mark::Kind;

struct Wording {
    std::string_view kind;
    std::string_view missed;
};

Wording wording(Kind kind) {
    switch (kind) {
        case Kind::function: return {"function", "this function is never called"};
        case Kind::then_arm: return {"then_arm", "the condition is never true"};
        case Kind::else_arm: return {"else_arm", "the condition is never false"};
        case Kind::no_else: return {"no_else", "the condition is never false"};
        case Kind::case_arm: return {"case_arm", "this case is never chosen"};
        case Kind::no_case: return {"no_case", "some case is always chosen"};
        case Kind::loop_body: return {"loop_body", "the loop body never runs"};
        case Kind::catch_arm: return {"catch_arm", "the catch never runs"};
    }
    return {};
}

std::string_view word(DirectiveKind kind) {
    return kind == DirectiveKind::rule ? "rule" : kind == DirectiveKind::action ? "action" : "delegate";
}

void count(Coverage::Tally& tally, bool reached) {
    ++tally.total;
    tally.reached += reached;
}

Coverage::Tally& operator+=(Coverage::Tally& sum, const Coverage::Tally& more) {
    sum.reached += more.reached;
    sum.total += more.total;
    return sum;
}

std::string summary(const Coverage::Tally& rules, const Coverage::Tally& branches) {
    return fmt::format("rules {} of {}, branches {} of {}", rules.reached, rules.total, branches.reached,
                       branches.total);
}

json::object to_json(const Coverage::Tally& tally) { return {{"reached", tally.reached}, {"total", tally.total}}; }

}  // namespace

Coverage::File& Coverage::file(const SourcePtr& source) {
    auto& found = files_[source->name()];
    if (!found.source) found.source = source;
    return found;
}

void Coverage::add(const RuleScript& script, std::span<const std::uint64_t> counts) {
    const auto& marks = script.program().marks;
    const std::span<const std::uint64_t> loading = script.reached_by_loading();
    const auto was_reached = [](std::span<const std::uint64_t> by, std::size_t mark) {
        return mark < by.size() && by[mark] != 0;
    };
    for (const auto& unit : script.program().units) file(unit->source);
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const auto& mark = marks[i];
        if (mark.top_level) continue;
        auto& known = file(mark.source).marks[{mark.span.begin, mark.span.end, mark.kind}];
        known.name = mark.name;
        if (was_reached(counts, i) || was_reached(loading, i)) known.reached = true;
    }
    for (std::size_t stage = 0; stage < stage_count; ++stage) {
        for (const auto& directive : script.directives(static_cast<Stage>(stage))) {
            const auto* function = directive.function;
            const Place place{function->span.begin, function->span.end, Kind::function};
            file(function->unit->source).directives[{place, directive.name}] = directive.kind;
        }
    }
}

Coverage::Report Coverage::report(const File& file) {
    Report made;
    std::vector<std::pair<std::uint32_t, Missed>> missed;
    const auto miss = [&](std::uint32_t at, std::string_view kind, std::string text) {
        missed.emplace_back(at, Missed{file.source->position(at), kind, std::move(text)});
    };
    std::set<Place> of_directives;
    for (const auto& [title, kind] : file.directives) {
        of_directives.insert(title.function);
        const auto mark = file.marks.find(title.function);
        const bool reached = mark != file.marks.end() && mark->second.reached;
        count(made.rules, reached);
        if (!reached)
            miss(title.function.begin, word(kind), fmt::format("{} \"{}\" never runs", word(kind), title.name));
    }
    for (const auto& [place, mark] : file.marks) {
        if (of_directives.contains(place)) continue;
        count(made.branches, mark.reached);
        if (mark.reached) continue;
        const auto words = wording(place.kind);
        miss(place.begin, words.kind,
             mark.name.empty() ? std::string(words.missed) : fmt::format("the function {} is never called", mark.name));
    }
    std::ranges::stable_sort(missed, {}, &std::pair<std::uint32_t, Missed>::first);
    for (auto& [at, one] : missed) made.missed.push_back(std::move(one));
    return made;
}

Coverage::Tally Coverage::rules() const {
    Tally sum;
    for (const auto& [name, file] : files_) sum += report(file).rules;
    return sum;
}

Coverage::Tally Coverage::branches() const {
    Tally sum;
    for (const auto& [name, file] : files_) sum += report(file).branches;
    return sum;
}

std::string Coverage::text() const {
    std::string out;
    for (const auto& [name, file] : files_) {
        const auto about = report(file);
        if (about.rules.total + about.branches.total == 0) continue;
        out += fmt::format("{}: {}\n", name, summary(about.rules, about.branches));
        for (const auto& missed : about.missed)
            out += fmt::format("{}:{}:{}: {}\n", name, missed.at.line, missed.at.column, missed.text);
    }
    return out + summary(rules(), branches()) + "\n";
}

std::string Coverage::json() const {
    json::array files;
    for (const auto& [name, file] : files_) {
        const auto about = report(file);
        json::array missed;
        for (const auto& one : about.missed)
            missed.push_back(
                json::object{{"line", one.at.line}, {"column", one.at.column}, {"kind", one.kind}, {"text", one.text}});
        files.push_back(json::object{{"name", name},
                                     {"rules", to_json(about.rules)},
                                     {"branches", to_json(about.branches)},
                                     {"missed", std::move(missed)}});
    }
    return json::serialize(
        json::object{{"files", std::move(files)}, {"rules", to_json(rules())}, {"branches", to_json(branches())}});
}

}  // namespace sluice::dsl::tools
