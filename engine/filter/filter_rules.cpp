#include "engine/filter/filter_rules.hpp"

#include <fmt/format.h>

#include "engine/base/limits.hpp"
#include "engine/filter/branch_counts.hpp"
#include "engine/filter/refusal.hpp"
#include "engine/filter/stage_host.hpp"
#include "engine/filter/stage_recorder.hpp"
#include "engine/filter/verdicts.hpp"

namespace sluice::filter {

namespace {

// Budget of one stage run (design decision 4): a rule that loops costs some milliseconds, not a session.
dsl::Limits stage_limits(bool counts_branches) {
    dsl::Limits limits;
    limits.operations = counts_branches ? 10'000'000 : 1'000'000;  // counting costs operations
    limits.memory_bytes = 64u << 20;
    limits.wall_ms = 2000;
    return limits;
}

void log_outcome(obs::Log& log, obs::Level level, std::string_view event, smtp::Stage stage,
                 const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                 const dsl::StageOutcome& outcome, const obs::Field& what) {
    const auto id = session.id.to_string();
    const obs::Field in_session{"session", id};
    const obs::Field at_stage{"stage", smtp::to_string(stage)};
    const obs::Field rule{"rule", outcome.directive};
    const obs::Field at{"at", outcome.place};
    if (!transaction) return log.event(level, event, {in_session, at_stage, rule, at, what});
    const auto message = transaction->id.text();
    log.event(level, event, {in_session, {"id", {message.data(), message.size()}}, at_stage, rule, at, what});
}

bool refuses(const smtp::Verdict& verdict) {
    return verdict.kind == smtp::VerdictKind::deny || verdict.kind == smtp::VerdictKind::failed;
}

}  // namespace

smtp::Verdict FilterRules::conclude(const dsl::StageOutcome& outcome, smtp::Stage stage,
                                    const smtp::SessionFacts& session, const smtp::Transaction* transaction) const {
    if (!outcome.failure.empty()) {
        log_outcome(around_.log, obs::Level::error, "rule-failed", stage, session, transaction, outcome,
                    {"error", outcome.failure});
        return smtp::Verdict::failed();
    }
    const auto& status = *dsl::lib::as_status(outcome.status);
    if (status.kind != dsl::lib::StatusObject::Kind::next)
        log_outcome(around_.log, obs::Level::info, "rule-decided", stage, session, transaction, outcome,
                    {"status", status.text()});
    return verdict_of(status);
}

void FilterRules::tell_refusal(const dsl::StageOutcome& outcome, smtp::Stage stage, std::string_view script,
                               const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                               const smtp::Verdict& verdict, const StageHost& host) const {
    Refusal refusal{.stage = stage,
                    .script = script,
                    .rule = outcome.directive,
                    .place = outcome.place,
                    .verdict = verdict,
                    .reply = {},
                    .failure = outcome.failure,
                    .facts = host.facts_read()};
    if (refuses(verdict) && around_.settings)
        refusal.reply = smtp::refusal_reply(*around_.settings, session.server_name, stage, verdict);
    around_.refusals->refused(session, transaction, refusal);
}

asio::awaitable<smtp::Verdict> FilterRules::run_traced(smtp::Stage stage, smtp::SessionFacts& session,
                                                       smtp::Transaction* transaction, StageTrace* trace) {
    const auto& script = rules_->select(stage, transaction);
    const bool watched = around_.watch && around_.watch->wants(session);
    if (script->directives(static_cast<dsl::Stage>(stage)).empty() && !watched && !trace)
        co_return smtp::Verdict::next();
    StageHost host(stage, session, transaction, around_);
    dsl::StageRun run(script, host.stage(), host, stage_limits(around_.branches != nullptr));
    if (around_.branches) host.set_counts(around_.branches->of(*script));
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
    auto verdict = conclude(run.outcome(), stage, session, transaction);
    if (around_.refusals && (refuses(verdict) || verdict.kind == smtp::VerdictKind::quarantine))
        tell_refusal(run.outcome(), stage, script->name(), session, transaction, verdict, host);
    if (recorder) {
        auto recorded = recorder->finish(verdict);
        if (watched) around_.watch->stage_ran(session, transaction, recorded);
        if (trace) *trace = std::move(recorded);
    }
    co_return verdict;
}

bool FilterRules::runs(smtp::Stage stage, const smtp::Transaction& transaction) const {
    return !rules_->select(stage, &transaction)->directives(static_cast<dsl::Stage>(stage)).empty();
}

std::optional<std::string> FilterRules::handled(std::string_view domain) const {
    const auto* found = rules_->lookup(domain);
    return found ? std::optional(*found) : std::nullopt;
}

}  // namespace sluice::filter
