// The rules of postq and delivery, for messages of the queue: the session that brought the message is made again from
// what was stored with it, the rules of the current generation run, and the message becomes what they say. Called by
// deliver::Dispatcher on its thread.
#pragma once

#include <functional>
#include <memory>

#include "engine/deliver/dispatcher.hpp"
#include "engine/obs/log.hpp"
#include "engine/smtp/queue_stages.hpp"
#include "engine/smtp/snapshot.hpp"

namespace sluice::app {

class QueueRules {
  public:
    using CurrentSnapshot = std::function<std::shared_ptr<const smtp::Snapshot>()>;

    QueueRules(CurrentSnapshot snapshot, obs::Log& log) : snapshot_(std::move(snapshot)), log_(log) {}

    // Rules that fail leave the message as it was, in the queue hold, until they are better (decisions.md).
    [[nodiscard]] asio::awaitable<deliver::Ruled> run(queue::Message& message);

  private:
    [[nodiscard]] deliver::Ruled hold(queue::Message& message, const smtp::QueueVerdict& verdict);
    void deny(queue::Message& message, const smtp::QueueVerdict& verdict);

    CurrentSnapshot snapshot_;
    obs::Log& log_;
};

}  // namespace sluice::app
