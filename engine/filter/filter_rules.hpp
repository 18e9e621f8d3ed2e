// The rule engine as the session sees it (smtp::Rules): selects the script of a stage, runs it, turns its status into a
// verdict. Immutable; one per generation, shared by all threads.
#pragma once

#include "engine/filter/rule_set.hpp"
#include "engine/obs/log.hpp"
#include "engine/smtp/rules.hpp"

namespace sluice::filter {

class FilterRules final : public smtp::Rules {
  public:
    // `log` outlives all sessions.
    FilterRules(std::shared_ptr<const RuleSet> rules, obs::Log& log) : rules_(std::move(rules)), log_(log) {}

    [[nodiscard]] asio::awaitable<smtp::Verdict> run(smtp::Stage stage, smtp::SessionFacts& session,
                                                     smtp::Transaction* transaction) override;
    [[nodiscard]] std::optional<std::string> handled(std::string_view domain) const override;

  private:
    [[nodiscard]] smtp::Verdict evaluate(const Script& script, smtp::Stage stage, smtp::SessionFacts& session,
                                         smtp::Transaction* transaction);

    std::shared_ptr<const RuleSet> rules_;
    obs::Log& log_;
};

}  // namespace sluice::filter
