#include "engine/filter/trace_text.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace sluice::filter {

std::string_view to_string(dsl::DirectiveKind kind) noexcept {
    switch (kind) {
        case dsl::DirectiveKind::rule: return "rule";
        case dsl::DirectiveKind::action: return "action";
        case dsl::DirectiveKind::delegate: return "delegate";
    }
    return "rule";
}

namespace {

double microseconds(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::micro>(time).count(); }

std::string directive_text(const DirectiveTrace& directive) {
    const auto outcome = !directive.failure.empty() ? ": failed: " + directive.failure
                         : directive.status.empty() ? std::string()
                                                    : ": " + directive.status;
    auto text = fmt::format("    {} \"{}\" at {}{} ({:.1f} µs)\n", to_string(directive.kind), directive.name,
                            directive.place, outcome, microseconds(directive.time));
    for (const auto& call : directive.calls)
        text += call.result == "()" ? fmt::format("        {}\n", call.call)
                                    : fmt::format("        {} = {}\n", call.call, call.result);
    return text;
}

boost::json::object directive_json(const DirectiveTrace& directive) {
    boost::json::array calls;
    for (const auto& call : directive.calls) calls.push_back({{"call", call.call}, {"result", call.result}});
    return {{"kind", to_string(directive.kind)}, {"name", directive.name},
            {"place", directive.place},          {"status", directive.status},
            {"failure", directive.failure},      {"time_us", microseconds(directive.time)},
            {"calls", std::move(calls)}};
}

}  // namespace

std::string trace_text(const StageTrace& trace) {
    auto text = fmt::format("{}: {}\n", smtp::to_string(trace.stage), trace.script);
    for (const auto& directive : trace.directives) text += directive_text(directive);
    if (trace.directives.empty()) return text + "    no rules -> next\n";
    return text + fmt::format("    -> {} ({:.1f} µs)\n", describe(trace.verdict), microseconds(trace.time));
}

boost::json::object trace_json(const StageTrace& trace) {
    boost::json::array directives;
    for (const auto& directive : trace.directives) directives.push_back(directive_json(directive));
    return {{"stage", smtp::to_string(trace.stage)},
            {"script", trace.script},
            {"verdict", describe(trace.verdict)},
            {"time_us", microseconds(trace.time)},
            {"directives", std::move(directives)}};
}

}  // namespace sluice::filter
