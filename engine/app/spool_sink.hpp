// From the session to the spool: the place where "250" becomes true (smtp::MessageSink over queue::Spool).
#pragma once

#include "engine/deliver/dispatcher.hpp"
#include "engine/obs/log.hpp"
#include "engine/queue/spool.hpp"
#include "engine/smtp/rules.hpp"

namespace sluice::app {

class SpoolSink final : public smtp::MessageSink {
  public:
    // Before the server starts: ports are bound as root, the spool is opened by the user who owns it.
    void attach(queue::Spool& spool, deliver::Dispatcher& dispatcher, obs::Log& log) {
        spool_ = &spool;
        dispatcher_ = &dispatcher;
        log_ = &log;
    }

    // Stores all parts or none, because the client will send all of them again after the 451.
    [[nodiscard]] asio::awaitable<smtp::SinkResult> submit(const smtp::SessionFacts& session,
                                                           smtp::Submission submission) override;
    [[nodiscard]] smtp::SinkStatus room_for(std::uint64_t size) const noexcept override;

  private:
    queue::Spool* spool_ = nullptr;
    deliver::Dispatcher* dispatcher_ = nullptr;
    obs::Log* log_ = nullptr;
};

}  // namespace sluice::app
