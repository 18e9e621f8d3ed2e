// From the session to the spool: the place where "250" becomes true (smtp::MessageSink over queue::Spool).
#pragma once

#include <optional>

#include "engine/app/delivery.hpp"
#include "engine/obs/log.hpp"
#include "engine/queue/spool.hpp"
#include "engine/smtp/rules.hpp"

namespace sluice::app {

class SpoolSink final : public smtp::MessageSink {
  public:
    // Before the server starts: ports are bound as root, the spool is opened by the user who owns it.
    void attach(queue::Spool& spool, Delivery& delivery, obs::Log& log,
                const config::Configuration::QueueLimits& limits) {
        spool_ = &spool;
        delivery_ = &delivery;
        log_ = &log;
        limits_ = limits;
    }

    // Stores all parts or none, because the client will send all of them again after the 451. While more is waiting to
    // be delivered than can be, each message waits before it is taken: senders that wait for replies send no faster.
    [[nodiscard]] asio::awaitable<smtp::SinkResult> submit(const smtp::SessionFacts& session,
                                                           smtp::Submission submission) override;
    [[nodiscard]] smtp::SinkStatus room_for(std::uint64_t size) const noexcept override;

  private:
    [[nodiscard]] std::optional<queue::Message> report_of(const smtp::SessionFacts& session,
                                                          const smtp::RefusedMessage& refused) const;

    queue::Spool* spool_ = nullptr;
    Delivery* delivery_ = nullptr;
    obs::Log* log_ = nullptr;
    config::Configuration::QueueLimits limits_;
};

}  // namespace sluice::app
