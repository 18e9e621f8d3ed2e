// Where an answer made on the service's thread meets the coroutine that waits for it on a thread of its own.
// Guarantees: the answer is handed over at most once; once the Waiter is gone, nothing of the coroutine or its executor
// is touched any more. Used by resolver_service.cpp (Waiter) and stub_resolver.cpp (Mailbox).
#pragma once

#include <boost/asio/experimental/concurrent_channel.hpp>
#include <memory>
#include <mutex>

#include "engine/dns/resolver.hpp"

namespace sluice::dns {

class Mailbox {
  public:
    using Channel = asio::experimental::concurrent_channel<void(error_code, Answer)>;

    explicit Mailbox(Channel& channel) : channel_(&channel) {}

    // Does nothing if nobody waits any more.
    void deliver(Answer answer) {
        const std::lock_guard lock(mutex_);
        if (channel_) (void)channel_->try_send(error_code(), std::move(answer));
        channel_ = nullptr;
    }
    // True if no answer was delivered.
    bool abandon() {
        const std::lock_guard lock(mutex_);
        return std::exchange(channel_, nullptr) != nullptr;
    }

  private:
    std::mutex mutex_;  // held while the channel is used, so that the coroutine cannot go away under it
    Channel* channel_;
};

// Lives in the frame of the coroutine. `on_abandoned(mailbox)` runs if the frame goes away, or the wait is cancelled,
// before there was an answer.
template <typename OnAbandoned>
class Waiter {
  public:
    Waiter(const asio::any_io_executor& executor, OnAbandoned on_abandoned)
        : channel_(executor, 1),
          mailbox_(std::make_shared<Mailbox>(channel_)),
          on_abandoned_(std::move(on_abandoned)) {}
    ~Waiter() {
        if (mailbox_->abandon()) on_abandoned_(mailbox_);
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    [[nodiscard]] const std::shared_ptr<Mailbox>& mailbox() const noexcept { return mailbox_; }

    [[nodiscard]] asio::awaitable<Answer> answer() {
        auto [cancelled, answer] = co_await channel_.async_receive(asio::as_tuple(asio::use_awaitable));
        if (cancelled) answer.why = "cancelled";
        co_return std::move(answer);
    }

  private:
    Mailbox::Channel channel_;
    std::shared_ptr<Mailbox> mailbox_;
    OnAbandoned on_abandoned_;
};

}  // namespace sluice::dns
