#include "engine/filter/filter_rules.hpp"

#include <fmt/format.h>

#include "engine/base/limits.hpp"
#include "engine/filter/stage_host.hpp"
#include "engine/filter/stage_recorder.hpp"
#include "engine/filter/verdicts.hpp"

namespace sluice::filter {

namespace {

// Budget of one stage run (design decision 4): a rule that loops costs some milliseconds, not a session.
dsl::Limits stage_limits() {
    dsl::Limits limits;
    limits.operations = 1'000'000;
    limits.memory_bytes = 64u << 20;
    limits.wall_ms = 2000;
    return limits;
}

}  // namespace

smtp::Verdict FilterRules::conclude(const dsl::StageOutcome& outcome, smtp::Stage stage,
                                    const smtp::SessionFacts& session) const {
    if (!outcome.failure.empty()) {
        around_.log.event(obs::Level::error, "rule-failed",
                          {{"session", session.id.to_string()},
                           {"stage", std::string(smtp::to_string(stage))},
                           {"rule", std::string(outcome.directive)},
                           {"at", std::string(outcome.place)},
                           {"error", outcome.failure}});
        return smtp::Verdict::failed();
    }
    const auto& status = *dsl::lib::as_status(outcome.status);
    if (status.kind != dsl::lib::StatusObject::Kind::next)
        around_.log.event(obs::Level::info, "rule-decided",
                          {{"session", session.id.to_string()},
                           {"stage", std::string(smtp::to_string(stage))},
                           {"rule", std::string(outcome.directive)},
                           {"at", std::string(outcome.place)},
                           {"status", status.text()}});
    return verdict_of(status);
}

asio::awaitable<smtp::Verdict> FilterRules::run_traced(smtp::Stage stage, smtp::SessionFacts& session,
                                                       smtp::Transaction* transaction, StageTrace* trace) {
    const auto& script = rules_->select(stage, transaction);
    const bool watched = around_.watch && around_.watch->wants(session);
    if (script->directives(static_cast<dsl::Stage>(stage)).empty() && !watched && !trace)
        co_return smtp::Verdict::next();
    StageHost host(stage, session, transaction, around_);
    dsl::StageRun run(script, host.stage(), host, stage_limits());
    std::optional<StageRecorder> recorder;
    if (watched || trace) {
        recorder.emplace(stage, script->name(), transaction);
        host.set_recorder(*recorder);
        run.set_watch(*recorder);
    }
    struct Printing {
        obs::Log& log;
        std::string session;
    } printing{around_.log, session.id.to_string()};
    run.set_printer(
        [](void* to, std::string_view text) {
            auto& p = *static_cast<Printing*>(to);
            p.log.app(obs::Level::info, text, {{"session", p.session}});
        },
        &printing);
    const auto give_up = std::chrono::steady_clock::now() + limits::stage_wait;
    auto state = run.run();
    while (state == dsl::StageRun::State::suspended) {
        auto answer = co_await host.answer(give_up);
        if (answer.error)
            state = run.resume_with_error(std::move(answer.error));
        else
            state = run.resume(std::move(answer.value));
    }
    host.store_edits();
    auto verdict = conclude(run.outcome(), stage, session);
    if (recorder) {
        auto recorded = recorder->finish(verdict);
        if (watched) around_.watch->stage_ran(session, transaction, recorded);
        if (trace) *trace = std::move(recorded);
    }
    co_return verdict;
}

std::optional<std::string> FilterRules::handled(std::string_view domain) const {
    const auto* found = rules_->lookup(domain);
    return found ? std::optional(*found) : std::nullopt;
}

}  // namespace sluice::filter
