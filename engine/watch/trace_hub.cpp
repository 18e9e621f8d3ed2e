#include "engine/watch/trace_hub.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace sluice::watch {

Result<std::shared_ptr<LineStream>, std::string> TraceHub::open(const TraceRequest& request,
                                                                asio::any_io_executor reader) {
    auto filter = request.filter();
    if (!filter) return Failure{filter.error() + "\n"};
    const std::lock_guard lock(mutex_);
    if (watchers_.size() >= limits::trace_watchers)
        return Failure{fmt::format("{} others watch this server already: no more at once\n", limits::trace_watchers)};
    auto stream = std::make_shared<LineStream>(std::move(reader), request.form);
    auto watcher = std::make_shared<TraceWatcher>(std::move(*filter), request, stream);
    stream->on_leave([this, gone = std::weak_ptr(watcher)] {
        if (const auto watcher = gone.lock()) remove(*watcher);
    });
    watchers_.push_back(std::move(watcher));
    watching_.store(true, std::memory_order_relaxed);
    return stream;
}

void TraceHub::close() {
    for (const auto& watcher : watchers()) watcher->finish(3);
}

std::vector<std::shared_ptr<TraceWatcher>> TraceHub::watchers() const {
    const std::lock_guard lock(mutex_);
    return watchers_;
}

void TraceHub::remove(const TraceWatcher& watcher) {
    const std::lock_guard lock(mutex_);
    std::erase_if(watchers_, [&](const auto& one) { return one.get() == &watcher; });
    watching_.store(!watchers_.empty(), std::memory_order_relaxed);
}

bool TraceHub::somebody_wants(const smtp::SessionFacts& session) const noexcept {
    const std::lock_guard lock(mutex_);
    return std::any_of(watchers_.begin(), watchers_.end(), [&](const auto& one) { return one->accepts(session); });
}

void TraceHub::stage_ran(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                         const filter::StageTrace& trace) {
    try {
        for (const auto& watcher : watchers()) {
            watcher->stage_ran(session, transaction, trace);
            if (watcher->finished()) remove(*watcher);
        }
    } catch (const std::exception&) {
        // Out of memory: the watcher misses a run, the session must not notice.
    }
}

void TraceHub::on_event(smtp::SessionEvent event, const smtp::SessionFacts& session, std::string_view detail) noexcept {
    if (!watching_.load(std::memory_order_relaxed)) return;
    const bool closed = event == smtp::SessionEvent::closed;
    if (!closed && event != smtp::SessionEvent::relay_denied) return;
    try {
        for (const auto& watcher : watchers())
            closed ? watcher->forget(session) : watcher->relay_denied(session, detail);
    } catch (const std::exception&) {
        // As above: what was kept goes when it is the oldest.
    }
}

}  // namespace sluice::watch
