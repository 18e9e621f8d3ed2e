// The live rules of one generation, with a shadow behind them (shadow.hpp). Without an active shadow a stage run costs
// one relaxed load more.
#pragma once

#include <memory>

#include "engine/filter/filter_rules.hpp"
#include "engine/watch/shadow.hpp"

namespace sluice::watch {

class ShadowedRules final : public smtp::Rules {
  public:
    // The shadow outlives all sessions.
    ShadowedRules(std::shared_ptr<filter::FilterRules> live, Shadow& shadow)
        : live_(std::move(live)), shadow_(shadow) {}

    [[nodiscard]] asio::awaitable<smtp::Verdict> run(smtp::Stage stage, smtp::SessionFacts& session,
                                                     smtp::Transaction* transaction) override {
        if (!shadow_.active()) return live_->run(stage, session, transaction);
        return run_compared(stage, session, transaction);
    }
    // Whatever the new rules have.
    [[nodiscard]] bool runs(smtp::Stage stage, const smtp::Transaction& transaction) const override {
        return shadow_.active() || live_->runs(stage, transaction);
    }
    [[nodiscard]] std::optional<std::string> handled(std::string_view domain) const override {
        return live_->handled(domain);
    }

  private:
    [[nodiscard]] asio::awaitable<smtp::Verdict> run_compared(smtp::Stage stage, smtp::SessionFacts& session,
                                                              smtp::Transaction* transaction);

    const std::shared_ptr<filter::FilterRules> live_;
    Shadow& shadow_;
};

}  // namespace sluice::watch
