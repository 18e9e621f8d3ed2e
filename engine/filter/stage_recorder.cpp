#include "engine/filter/stage_recorder.hpp"

#include <fmt/format.h>

#include "dsl/value/operations.hpp"
#include "engine/filter/verdicts.hpp"

namespace sluice::filter {

namespace {

std::string thrown_text(const dsl::ScriptError& error) { return fmt::format("throws: {}", error.message); }

}  // namespace

StageRecorder::StageRecorder(smtp::Stage stage, const std::string& script, const smtp::Transaction* transaction) {
    trace_.stage = stage;
    trace_.script = script;
    if (!transaction) return;
    trace_.reverse_path = transaction->reverse_path;
    if (stage == smtp::Stage::rcpt && !transaction->recipients.empty())
        trace_.recipient = transaction->recipients.back().address;
}

void StageRecorder::directive_begins(const dsl::Directive& directive) {
    trace_.directives.push_back({.kind = directive.kind, .name = directive.name, .place = directive.place});
    directive_begin_ = Clock::now();
}

void StageRecorder::directive_ends(const dsl::Directive&, const dsl::Value& status, std::string_view failure) {
    auto& directive = trace_.directives.back();
    directive.time = Clock::now() - directive_begin_;
    directive.failure = failure;
    if (const auto* object = dsl::lib::as_status(status)) directive.status = describe(verdict_of(*object));
}

void StageRecorder::call_begins(dsl::HostFunction function, const dsl::NativeCall& call) {
    auto text = fmt::format("{}(", dsl::info(function).name);
    for (std::uint32_t i = 0; i < call.count; ++i) text += (i == 0 ? "" : ", ") + dsl::brief(call.args[i]);
    trace_.directives.back().calls.push_back({.call = std::move(text) + ")"});
}

void StageRecorder::call_ends(dsl::Outcome outcome, const dsl::NativeCall& call, std::string withheld) {
    auto& ended = trace_.directives.back().calls.back();
    ended.withheld = std::move(withheld);
    if (outcome == dsl::Outcome::done) ended.result = dsl::brief(*call.result);
    if (outcome == dsl::Outcome::error) ended.result = thrown_text(*call.error);
}

void StageRecorder::answered(const Answer& answer) {
    trace_.directives.back().calls.back().result = answer.error ? thrown_text(*answer.error) : dsl::brief(answer.value);
}

StageTrace StageRecorder::finish(smtp::Verdict verdict) {
    trace_.verdict = std::move(verdict);
    trace_.time = Clock::now() - begin_;
    return std::move(trace_);
}

}  // namespace sluice::filter
