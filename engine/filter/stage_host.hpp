// What rules see of one session at one stage: dispatches the functions of dsl/host/functions.def to the files of this
// folder that implement them.
#pragma once

#include <array>
#include <bitset>
#include <span>

#include "engine/filter/stage_context.hpp"
#include "engine/filter/stage_trace.hpp"

namespace sluice::filter {

class StageRecorder;  // stage_recorder.hpp

class StageHost final : public dsl::Host {
  public:
    StageHost(smtp::Stage stage, smtp::SessionFacts& session, smtp::Transaction* transaction,
              const Surroundings& around)
        : Host(static_cast<dsl::Stage>(stage), around.root),
          context_(static_cast<dsl::Stage>(stage), session, transaction, around) {}

    [[nodiscard]] dsl::Outcome call(dsl::HostFunction function, dsl::NativeCall& call) override;
    // What the suspended run waits for, or an error if it does not come in time.
    [[nodiscard]] asio::awaitable<Answer> answer(std::chrono::steady_clock::time_point give_up);

    // Before the run. What they are given outlives this.
    void set_recorder(StageRecorder& recorder) { recorder_ = &recorder; }
    void set_counts(std::span<std::uint64_t> counts) { counts_ = counts; }
    void reached(std::uint32_t mark) noexcept override {
        if (mark < counts_.size()) ++counts_[mark];
    }

    // After the run: what rules did to the message.
    void store_edits() { context_.store_edits(); }
    // What rules have asked of ctx::, each once; from before a change of the envelope nothing is left.
    [[nodiscard]] std::vector<CallTrace> facts_read() const;

  private:
    [[nodiscard]] Answer noted(Answer answer);
    [[nodiscard]] dsl::Outcome dispatch(dsl::HostFunction function, dsl::NativeCall& call);

    // The facts of ctx:: are made into values once a stage run, until a rule changes the envelope: the functions before
    // ctx_handle, none of which takes an argument.
    static constexpr std::size_t facts = static_cast<std::size_t>(dsl::HostFunction::ctx_handle);

    StageContext context_;
    StageRecorder* recorder_ = nullptr;
    std::span<std::uint64_t> counts_;  // of branches; empty: nobody counts
    std::array<dsl::Value, facts> known_;
    std::bitset<facts> is_known_;
};

}  // namespace sluice::filter
