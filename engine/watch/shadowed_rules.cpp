#include "engine/watch/shadowed_rules.hpp"

namespace sluice::watch {

namespace {

// Null if there is no memory for it: the session goes on without a comparison.
std::unique_ptr<LiveRun> remember(smtp::Stage stage, const smtp::SessionFacts& session,
                                  const smtp::Transaction* transaction) noexcept {
    try {
        return std::make_unique<LiveRun>(stage, session, transaction);
    } catch (const std::exception&) {
        return nullptr;
    }
}

bool complete(LiveRun& run, const smtp::Transaction* transaction) noexcept {
    try {
        if (transaction) run.live.transaction = *transaction;
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace

asio::awaitable<smtp::Verdict> ShadowedRules::run_compared(smtp::Stage stage, smtp::SessionFacts& session,
                                                           smtp::Transaction* transaction) {
    auto run = remember(stage, session, transaction);
    auto* trace = run ? &run->live.trace : nullptr;
    smtp::Verdict verdict = co_await live_->run_traced(stage, session, transaction, trace);
    if (run && complete(*run, transaction)) shadow_.compare(std::move(run));
    co_return verdict;
}

}  // namespace sluice::watch
