// Fills a StageTrace while a stage runs. Private to engine/filter.
#pragma once

#include "dsl/host/stage_run.hpp"
#include "engine/filter/stage_context.hpp"
#include "engine/filter/stage_trace.hpp"

namespace sluice::filter {

class StageRecorder final : public dsl::DirectiveWatch {
  public:
    // Before the run. `transaction` may be null.
    StageRecorder(smtp::Stage stage, const std::string& script, const smtp::Transaction* transaction);

    void directive_begins(const dsl::Directive& directive) override;
    void directive_ends(const dsl::Directive& directive, const dsl::Value& status, std::string_view failure) override;

    // Around each call of a host function; the arguments may be changed by the call.
    void call_begins(dsl::HostFunction function, const dsl::NativeCall& call);
    void call_ends(dsl::Outcome outcome, const dsl::NativeCall& call, std::string withheld);
    // What the call the run was suspended for came to.
    void answered(const Answer& answer);

    [[nodiscard]] StageTrace finish(smtp::Verdict verdict);

  private:
    using Clock = std::chrono::steady_clock;
    StageTrace trace_;
    Clock::time_point begin_ = Clock::now();
    Clock::time_point directive_begin_;
};

}  // namespace sluice::filter
