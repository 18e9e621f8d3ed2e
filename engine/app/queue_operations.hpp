// What `sluice queue` does with a spool: in the server, asked through the control socket, or in the command itself
// while no server has the spool. One request and one answer, so both do the same.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/app/control.hpp"
#include "engine/deliver/dispatcher.hpp"
#include "engine/queue/queue_filter.hpp"
#include "engine/queue/spool.hpp"

namespace sluice::app {

struct QueueRequest {
    // list show hold release retry move remove bounce
    std::string operation;
    queue::QueueFilter filter;
    bool all = false;                         // a change without filter is meant so
    std::optional<queue::Queue> destination;  // of move
    std::string reason;                       // of hold and bounce
    bool json = false;                        // list, show
    bool raw = false;                         // show: the message itself, nothing else
    std::size_t limit = 0;                    // list: at most so many; 0: all

    // As one line of the control socket.
    [[nodiscard]] std::string print() const;
    [[nodiscard]] static std::optional<QueueRequest> parse(std::string_view line);
};

class QueueOperations {
  public:
    // The report to the sender of a message that is bounced.
    using Report = std::function<queue::Message(const queue::Envelope&, std::string_view text,
                                                std::span<const queue::DsnRecipient>)>;

    // `dispatcher` is null if no server runs.
    QueueOperations(queue::Spool& spool, deliver::Dispatcher* dispatcher, Report report)
        : spool_(spool), dispatcher_(dispatcher), report_(std::move(report)) {}

    // Blocks.
    [[nodiscard]] ControlAnswer run(const QueueRequest& request);

  private:
    [[nodiscard]] ControlAnswer list(const QueueRequest& request) const;
    [[nodiscard]] ControlAnswer show(const QueueRequest& request);
    [[nodiscard]] ControlAnswer change(const QueueRequest& request);
    [[nodiscard]] std::error_code change_one(const QueueRequest& request, const queue::StoredEnvelope& stored);
    [[nodiscard]] std::error_code release(const queue::StoredEnvelope& stored, queue::Queue destination);
    [[nodiscard]] std::error_code retry(const queue::StoredEnvelope& stored);
    [[nodiscard]] std::error_code bounce(const queue::StoredEnvelope& stored, const std::string& reason);

    queue::Spool& spool_;
    deliver::Dispatcher* dispatcher_;
    Report report_;
};

}  // namespace sluice::app
