// The trace of refusals, for `sluice why`: takes what rules refuse and what the server refuses by itself, and writes it
// to the files of refusal_files.hpp on a thread of its own. Sessions only put a record into a queue, of which the
// thread takes what has gathered, some milliseconds later. When the queue is full records are lost, which the server's
// log tells, at most once a minute; so does it tell once that the disk refuses them and once that it takes them again.
// Mail never waits for any of this.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/base/limits.hpp"
#include "engine/obs/log.hpp"
#include "engine/refusals/refusal_files.hpp"

namespace sluice::refusals {

struct QueueOptions {
    std::size_t records = limits::refusal_queue;               // those being written included
    std::chrono::milliseconds delay = limits::refusals_delay;  // at once when a quarter of the queue is full
    std::chrono::milliseconds retry = limits::refusals_retry;
    std::chrono::milliseconds notice = limits::refusals_notice;
};

class RefusalLog final : public filter::RefusalWatch, public smtp::SessionObserver {
  public:
    // The log outlives this. `directory` is made when the first record comes.
    RefusalLog(obs::Log& log, std::filesystem::path directory, QueueOptions options = {});
    // Writes what waits, with one attempt.
    ~RefusalLog() override;

    // At any time. Before the first call nothing is taken.
    void configure(bool enabled, std::uint64_t size_max) noexcept;

    // Any thread.
    void refused(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                 const filter::Refusal& refusal) noexcept override;
    void on_event(smtp::SessionEvent event, const smtp::SessionFacts& session,
                  std::string_view detail) noexcept override;
    void on_refusal(const smtp::SessionFacts& session, const smtp::OwnRefusal& refusal) noexcept override;

  private:
    using Clock = std::chrono::steady_clock;
    template <class Make>
    void take(const Make& make) noexcept;
    void work();
    [[nodiscard]] bool worth_a_write() const { return stopping_ || queue_.size() >= options_.records / 4; }
    void write(std::vector<std::string>& lines);
    void tell_losses(bool at_the_end);

    obs::Log& log_;
    RefusalWriter writer_;
    const QueueOptions options_;
    std::atomic<bool> enabled_ = false;
    std::atomic<std::uint64_t> size_max_ = limits::refusals_file;
    std::atomic<std::uint64_t> lost_ = 0;

    std::mutex mutex_;  // guards the five below
    std::condition_variable wake_;
    std::deque<Record> queue_;
    std::size_t in_work_ = 0;  // taken out of the queue, not yet written
    bool resting_ = false;     // the thread waits for a first record
    bool stopping_ = false;

    // Of the thread.
    bool failing_ = false;
    std::optional<Clock::time_point> told_;
    std::thread thread_;
};

}  // namespace sluice::refusals
