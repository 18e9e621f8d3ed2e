// Transports that write files or run programs: each recipient's attempt blocks, on a thread of a pool.
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

// What the attempt itself is; called from several threads at once.
class LocalDelivery {
  public:
    virtual ~LocalDelivery() = default;
    [[nodiscard]] virtual Outcome deliver(const Attempt& attempt) = 0;
    // Delivering a second time does no harm (it is recognised), so outcomes need not be stored one by one.
    [[nodiscard]] virtual bool repeatable() const noexcept { return false; }
};

class LocalTransport final : public Transport {
  public:
    LocalTransport(std::shared_ptr<LocalDelivery> delivery, io::BlockingPool& pool)
        : delivery_(std::move(delivery)), pool_(pool) {}

    [[nodiscard]] asio::awaitable<void> serve(Lane& lane) override;

  private:
    [[nodiscard]] asio::awaitable<void> deliver(Lane& lane, Shipment& shipment);

    std::shared_ptr<LocalDelivery> delivery_;
    io::BlockingPool& pool_;
};

}  // namespace sluice::deliver
