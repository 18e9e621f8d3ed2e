// Where the rules of every generation tell what they did, and the watchers of `sluice trace` listen. One for the whole
// life of the server, across reloads. While nobody watches, a stage run costs one relaxed load.
//
// Thread-safe. Nothing here waits for a watcher, and nothing is thrown to a session.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/smtp/observer.hpp"
#include "engine/watch/trace_watcher.hpp"

namespace sluice::watch {

class TraceHub final : public filter::StageWatch, public smtp::SessionObserver {
  public:
    // A new watcher, whose lines are read on `reader`. The hub outlives the stream. An error is for the client: wrong
    // filter, too many watchers.
    [[nodiscard]] Result<std::shared_ptr<LineStream>, std::string> open(const TraceRequest& request,
                                                                        asio::any_io_executor reader);
    // Ends all of them: the server stops.
    void close();

    [[nodiscard]] bool wants(const smtp::SessionFacts& session) const noexcept override {
        return watching_.load(std::memory_order_relaxed) && somebody_wants(session);
    }
    void stage_ran(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                   const filter::StageTrace& trace) override;
    void on_event(smtp::SessionEvent event, const smtp::SessionFacts& session,
                  std::string_view detail) noexcept override;

  private:
    [[nodiscard]] bool somebody_wants(const smtp::SessionFacts& session) const noexcept;
    [[nodiscard]] std::vector<std::shared_ptr<TraceWatcher>> watchers() const;
    void remove(const TraceWatcher& watcher);

    std::atomic<bool> watching_{false};
    mutable std::mutex mutex_;  // guards the list; never held while a watcher works
    std::vector<std::shared_ptr<TraceWatcher>> watchers_;
};

}  // namespace sluice::watch
