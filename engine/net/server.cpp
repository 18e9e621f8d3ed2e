#include "engine/net/server.hpp"

#include <algorithm>

#include "engine/net/worker.hpp"

namespace sluice::net {

namespace {
// After the patience has run out: time for a last 421 before connections are cut.
constexpr std::chrono::milliseconds last_words{500};
}  // namespace

Server::Server(SnapshotProvider snapshots, smtp::MessageSink& sink, smtp::SessionObserver& observer)
    : shared_{.snapshots = std::move(snapshots), .sink = sink, .observer = observer} {}

Server::~Server() { stop(std::chrono::milliseconds{0}); }

std::optional<BindError> Server::bind(const std::vector<Listener>& listeners, unsigned threads) {
    std::vector<asio::io_context*> contexts;
    for (unsigned i = 0; i < std::max(threads, 1u); ++i) {
        workers_.push_back(std::make_unique<Worker>(shared_));
        contexts.push_back(&workers_.back()->context());
    }
    for (const Listener& listener : listeners) {
        Result<Acceptors, BindError> acceptors = bind_shared(listener.endpoint, contexts);
        if (!acceptors) {
            workers_.clear();
            endpoints_.clear();
            return acceptors.error();
        }
        endpoints_.push_back(acceptors->front().local_endpoint());
        for (std::size_t i = 0; i < workers_.size(); ++i) workers_[i]->add(std::move((*acceptors)[i]), listener);
    }
    return std::nullopt;
}

std::optional<BindError> Server::start() {
    for (const auto& worker : workers_) {
        if (auto error = worker->listen()) {
            workers_.clear();
            endpoints_.clear();
            return error;
        }
    }
    for (const auto& worker : workers_) worker->run();
    running_ = true;
    return std::nullopt;
}

void Server::stop(std::chrono::milliseconds patience) {
    if (!running_) return;
    running_ = false;
    for (const auto& worker : workers_) worker->stop();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    const auto all_finished = [&](std::chrono::steady_clock::time_point by) {
        return std::all_of(workers_.begin(), workers_.end(), [&](const auto& w) { return w->finished_by(by); });
    };
    if (!all_finished(deadline)) {
        for (const auto& worker : workers_) worker->abort();
        (void)all_finished(std::chrono::steady_clock::now() + last_words);
    }
    for (const auto& worker : workers_) worker->join();
}

Counts Server::counts() const noexcept {
    return {shared_.open.load(std::memory_order_relaxed), shared_.accepted.load(std::memory_order_relaxed),
            shared_.refused.load(std::memory_order_relaxed)};
}

asio::io_context& Server::context(unsigned thread) { return workers_[thread]->context(); }

}  // namespace sluice::net
