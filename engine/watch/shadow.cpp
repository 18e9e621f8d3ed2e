#include "engine/watch/shadow.hpp"

namespace sluice::watch {

Shadow::Shadow() : silent_log_(obs::Log::open({"/dev/null", "", "off"}).log) {}

Shadow::~Shadow() { stop(); }

std::shared_ptr<ShadowRun> Shadow::current() const {
    const std::lock_guard lock(mutex_);
    return run_ && !run_->finished() ? run_ : nullptr;
}

Result<std::shared_ptr<LineStream>, std::string> Shadow::start(std::shared_ptr<filter::FilterRules> rules,
                                                               const ShadowRequest& request,
                                                               asio::any_io_executor reader) {
    if (busy()) return Failure{std::string(refusal)};
    auto stream = std::make_shared<LineStream>(std::move(reader), request.form);
    auto run = std::make_shared<ShadowRun>(std::move(rules), request, stream);
    stream->on_leave([this, left = std::weak_ptr(run)] {
        const auto run = left.lock();
        if (run) run->finish(0);
        const std::lock_guard lock(mutex_);
        if (run_ != run) return;
        run_ = nullptr;
        active_.store(false, std::memory_order_relaxed);
    });
    if (!thread_.joinable()) thread_ = std::thread([this] { context_.run(); });
    const std::lock_guard lock(mutex_);
    run_ = std::move(run);
    active_.store(true, std::memory_order_relaxed);
    return stream;
}

void Shadow::compare(std::unique_ptr<LiveRun> run) noexcept {
    try {
        if (const auto shadow = current()) shadow->compare_in(context_, std::move(run));
    } catch (const std::exception&) {
        // Out of memory: one comparison less, the session must not notice.
    }
}

void Shadow::stop() {
    if (const auto run = current()) run->finish(3);
    context_.stop();
    if (thread_.joinable()) thread_.join();
}

}  // namespace sluice::watch
