// A way to deliver: takes the messages for one destination from a lane, tells the outcome for each recipient, until the
// lane has no more. One lane is one channel: a connection, or a thread's worth of local work.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/deliver/outcome.hpp"
#include "engine/queue/message.hpp"

namespace sluice::deliver {

// One message on its way to one destination.
class Shipment {
  public:
    virtual ~Shipment() = default;

    [[nodiscard]] virtual const queue::Envelope& envelope() const = 0;
    // Which of the envelope's recipients, by number.
    [[nodiscard]] virtual const std::vector<std::size_t>& recipients() const = 0;
    // The text: two pieces, one behind the other (queue::Message), CRLF line ends.
    [[nodiscard]] virtual std::string_view prefix() const = 0;
    [[nodiscard]] virtual std::string_view body() const = 0;
    // An attempt may have been cut off by a crash: look for what it left.
    [[nodiscard]] virtual bool maybe_repeated() const = 0;
};

class Lane {
  public:
    virtual ~Lane() = default;

    [[nodiscard]] virtual const std::string& destination() const = 0;
    // The next message; waits up to `patience` for one. nullptr: end the channel.
    [[nodiscard]] virtual asio::awaitable<std::shared_ptr<Shipment>> next(std::chrono::milliseconds patience) = 0;
    // A message that may go now; nullptr: there is none yet.
    [[nodiscard]] virtual asio::awaitable<std::shared_ptr<Shipment>> at_hand() = 0;
    // The outcome for the recipient with that number in the envelope. `keep`: others of this shipment follow, and a
    // crash must not make this attempt be repeated. False: no further attempt, the server stops.
    [[nodiscard]] virtual asio::awaitable<bool> tell(Shipment& shipment, std::size_t recipient, Outcome outcome,
                                                     bool keep) = 0;
    // The attempt is over. Recipients whose outcome was not told have not been tried.
    virtual void finish(std::shared_ptr<Shipment> shipment) = 0;
    // The destination answers, or does not: then all that wait for it get this outcome, and it rests.
    virtual void reached() = 0;
    [[nodiscard]] virtual asio::awaitable<void> unreachable(Outcome why) = 0;
};

class Transport {
  public:
    virtual ~Transport() = default;
    // Runs on the dispatcher's thread, which it must not block; several lanes of one transport may run at once. The
    // lane outlives the coroutine.
    [[nodiscard]] virtual asio::awaitable<void> serve(Lane& lane) = 0;
};

}  // namespace sluice::deliver
