#include "engine/deliver/local_transport.hpp"

namespace sluice::deliver {

asio::awaitable<void> LocalTransport::serve(Lane& lane) {
    // What is being written goes on to its end, so its outcome counts. An exception might also come on a thread of the
    // pool.
    co_await asio::this_coro::throw_if_cancelled(false);
    lane.reached();
    for (;;) {
        auto shipment = co_await lane.next(std::chrono::milliseconds(0));
        if (!shipment) co_return;
        co_await deliver(lane, *shipment);
        lane.finish(std::move(shipment));
    }
}

asio::awaitable<void> LocalTransport::deliver(Lane& lane, Shipment& shipment) {
    const auto& recipients = shipment.recipients();
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        const Attempt attempt{shipment.envelope(), shipment.envelope().recipients[recipients[i]], shipment.prefix(),
                              shipment.body(), shipment.maybe_repeated()};
        Outcome outcome = co_await delivery_->attempt(attempt, pool_);
        const bool keep = i + 1 < recipients.size() && !delivery_->repeatable();
        if (!co_await lane.tell(shipment, recipients[i], std::move(outcome), keep)) co_return;
    }
}

}  // namespace sluice::deliver
