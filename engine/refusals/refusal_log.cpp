#include "engine/refusals/refusal_log.hpp"

#include <exception>
#include <utility>

namespace sluice::refusals {

RefusalLog::RefusalLog(obs::Log& log, std::filesystem::path directory, QueueOptions options)
    : log_(log), writer_(std::move(directory)), options_(options), thread_([this] { work(); }) {}

RefusalLog::~RefusalLog() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void RefusalLog::configure(bool enabled, std::uint64_t size_max) noexcept {
    size_max_ = size_max;
    enabled_ = enabled;
}

template <class Make>
void RefusalLog::take(const Make& make) noexcept {
    if (!enabled_.load(std::memory_order_relaxed)) return;
    try {
        auto record = make(std::chrono::system_clock::now());
        bool wake = false;
        {
            const std::lock_guard lock(mutex_);
            if (queue_.size() + in_work_ < options_.records)
                queue_.push_back(std::move(record));
            else
                ++lost_;
            wake = std::exchange(resting_, false) || queue_.size() == options_.records / 4;
        }
        if (wake) wake_.notify_one();
    } catch (const std::exception&) {
        ++lost_;  // out of memory: one more way to lose a record
    }
}

void RefusalLog::refused(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                         const filter::Refusal& refusal) noexcept {
    take([&](Time now) { return record_of(session, transaction, refusal, now); });
}

void RefusalLog::on_refusal(const smtp::SessionFacts& session, const smtp::OwnRefusal& refusal) noexcept {
    take([&](Time now) { return record_of(session, refusal, now); });
}

// A quarantine of the whole session was decided when there was no message yet: each message is told of here.
void RefusalLog::on_event(smtp::SessionEvent event, const smtp::SessionFacts& session,
                          std::string_view detail) noexcept {
    if (event != smtp::SessionEvent::message_stored || session.skip.kind != smtp::VerdictKind::quarantine) return;
    while (!detail.empty()) {
        const auto end = detail.find(' ');
        const auto message = detail.substr(0, end);
        detail.remove_prefix(end == std::string_view::npos ? detail.size() : end + 1);
        take([&](Time now) { return record_of_quarantined(session, message, now); });
    }
}

void RefusalLog::work() {
    std::vector<std::string> lines;  // not written yet, the oldest first
    for (bool last = false; !last;) {
        std::deque<Record> taken;
        {
            std::unique_lock lock(mutex_);
            in_work_ = lines.size();
            const auto stopping = [&] { return stopping_; };
            const auto something = [&] { return stopping_ || !queue_.empty(); };
            if (!lines.empty()) {
                wake_.wait_for(lock, options_.retry, stopping);
            } else {
                resting_ = queue_.empty();
                if (lost_ != 0)
                    wake_.wait_for(lock, options_.notice, something);
                else
                    wake_.wait(lock, something);
                resting_ = false;
                if (!queue_.empty()) wake_.wait_for(lock, options_.delay, [&] { return worth_a_write(); });
            }
            taken.swap(queue_);
            in_work_ += taken.size();
            last = stopping_;
        }
        try {
            for (const auto& record : taken) lines.push_back(print(record));
            write(lines);
            if (last) lost_ += lines.size();
            tell_losses(last);
        } catch (const std::exception&) {
            lost_ += lines.size();
            lines.clear();
        }
    }
}

// Leaves those that could not be written.
void RefusalLog::write(std::vector<std::string>& lines) {
    if (lines.empty()) return;
    const auto written = writer_.append(lines, size_max_);
    lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(written.lines));
    const bool failing = static_cast<bool>(written.failed);
    if (failing && !failing_)
        log_.event(obs::Level::error, "refusals-not-written",
                   {{"file", written.path.string()}, {"error", written.failed.message()}});
    if (!failing && failing_) log_.event(obs::Level::info, "refusals-written-again");
    failing_ = failing;
}

void RefusalLog::tell_losses(bool at_the_end) {
    const auto now = Clock::now();
    if (!at_the_end && told_ && now - *told_ < options_.notice) return;
    const auto lost = lost_.exchange(0);
    if (lost == 0) return;
    log_.event(obs::Level::warn, "refusals-lost", {{"count", std::to_string(lost)}});
    told_ = now;
}

}  // namespace sluice::refusals
