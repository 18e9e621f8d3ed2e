// The rule engine as the session sees it (smtp::Rules): selects the script of a stage, runs it, turns its status into a
// verdict. Immutable; one per generation, shared by all threads.
#pragma once

#include "dsl/host/stage_run.hpp"
#include "engine/filter/rule_set.hpp"
#include "engine/filter/stage_context.hpp"
#include "engine/filter/stage_trace.hpp"
#include "engine/smtp/rules.hpp"

namespace sluice::filter {

class StageHost;  // stage_host.hpp

class FilterRules final : public smtp::Rules {
  public:
    // What `around` refers to outlives all sessions.
    FilterRules(std::shared_ptr<const RuleSet> rules, Surroundings around)
        : rules_(std::move(rules)), around_(std::move(around)) {}

    [[nodiscard]] asio::awaitable<smtp::Verdict> run(smtp::Stage stage, smtp::SessionFacts& session,
                                                     smtp::Transaction* transaction) override {
        return run_traced(stage, session, transaction, nullptr);
    }
    // The same; the trace is filled if it is not null, whether somebody watches or not. It lives as long as the run.
    [[nodiscard]] asio::awaitable<smtp::Verdict> run_traced(smtp::Stage stage, smtp::SessionFacts& session,
                                                            smtp::Transaction* transaction, StageTrace* trace);
    [[nodiscard]] bool runs(smtp::Stage stage, const smtp::Transaction& transaction) const override;
    [[nodiscard]] std::optional<std::string> handled(std::string_view domain) const override;

  private:
    [[nodiscard]] smtp::Verdict conclude(const dsl::StageOutcome& outcome, smtp::Stage stage,
                                         const smtp::SessionFacts& session, const smtp::Transaction* transaction) const;
    void tell_refusal(const dsl::StageOutcome& outcome, smtp::Stage stage, std::string_view script,
                      const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                      const smtp::Verdict& verdict, const StageHost& host) const;

    std::shared_ptr<const RuleSet> rules_;
    Surroundings around_;
};

}  // namespace sluice::filter
