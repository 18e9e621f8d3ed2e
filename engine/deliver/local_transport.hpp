// Transports that write files or run programs: one attempt for each recipient.
#pragma once

#include "engine/deliver/transport.hpp"
#include "engine/io/blocking_pool.hpp"

namespace sluice::deliver {

struct Attempt {
    const queue::Envelope& envelope;
    const queue::Recipient& recipient;  // one of the envelope's
    std::string_view prefix;            // with body, one behind the other: the text, CRLF line ends
    std::string_view body;
    bool maybe_repeated = false;
};

// What the attempt itself is.
class RecipientDelivery {
  public:
    virtual ~RecipientDelivery() = default;
    // On the dispatcher's thread, which it must not block; several at once. After a cancellation of the coroutine it
    // ends soon, with an outcome.
    [[nodiscard]] virtual asio::awaitable<Outcome> attempt(const Attempt& attempt, io::BlockingPool& pool) = 0;
    // Delivering a second time does no harm (it is recognised), so outcomes need not be stored one by one.
    [[nodiscard]] virtual bool repeatable() const noexcept { return false; }
};

// One that blocks for a moment, on a thread of the pool.
class LocalDelivery : public RecipientDelivery {
  public:
    // Called from several threads at once.
    [[nodiscard]] virtual Outcome deliver(const Attempt& attempt) = 0;

    [[nodiscard]] asio::awaitable<Outcome> attempt(const Attempt& attempt, io::BlockingPool& pool) final {
        co_return co_await pool.run([&] { return deliver(attempt); });
    }
};

class LocalTransport final : public Transport {
  public:
    LocalTransport(std::shared_ptr<RecipientDelivery> delivery, io::BlockingPool& pool)
        : delivery_(std::move(delivery)), pool_(pool) {}

    [[nodiscard]] asio::awaitable<void> serve(Lane& lane) override;

  private:
    [[nodiscard]] asio::awaitable<void> deliver(Lane& lane, Shipment& shipment);

    std::shared_ptr<RecipientDelivery> delivery_;
    io::BlockingPool& pool_;
};

}  // namespace sluice::deliver
