// Shadow mode: new rules beside the live ones, on copies, without effect. One for the life of the server; every
// generation's rules are wrapped in ShadowedRules, which give it what they did.
//
// New rules run on a thread of their own, after the live verdict: what they cost, sessions do not wait for, even if
// they loop. Each stage run is compared by itself: new rules find the session and the transaction as the live rules
// left them in the stages before. The split of a message into transactions, and so the domain whose scripts are
// selected, is that of the live rules (Rules::handled). Stages that a live faccept or quarantine skips are not
// compared.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/base/result.hpp"
#include "engine/obs/log.hpp"
#include "engine/watch/shadow_run.hpp"

namespace sluice::watch {

class Shadow {
  public:
    Shadow();
    ~Shadow();  // everything new rules use (DNS, blocking pool) must be gone
    Shadow(const Shadow&) = delete;
    Shadow& operator=(const Shadow&) = delete;

    // Null and a text for the client if there is a shadow already. The lines are read on `reader`.
    [[nodiscard]] Result<std::shared_ptr<LineStream>, std::string> start(std::shared_ptr<filter::FilterRules> rules,
                                                                         const ShadowRequest& request,
                                                                         asio::any_io_executor reader);
    [[nodiscard]] bool busy() const { return current() != nullptr; }
    // Ends it: the server stops. Before what new rules use goes; blocks for a stage run at most.
    void stop();

    // For the new rules: they write nothing.
    [[nodiscard]] obs::Log& silent_log() const noexcept { return *silent_log_; }

    // From sessions' threads.
    [[nodiscard]] bool active() const noexcept { return active_.load(std::memory_order_relaxed); }
    void compare(std::unique_ptr<LiveRun> run) noexcept;

    static constexpr std::string_view refusal =
        "another `sluice shadow` compares already: end it first, there is one at a time\n";

  private:
    [[nodiscard]] std::shared_ptr<ShadowRun> current() const;

    const std::unique_ptr<obs::Log> silent_log_;
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    std::thread thread_;  // from the first start() on
    std::atomic<bool> active_{false};
    mutable std::mutex mutex_;  // guards the pointer
    std::shared_ptr<ShadowRun> run_;
};

}  // namespace sluice::watch
