// A lane for tests of transports: has messages, remembers outcomes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/deliver/transport.hpp"

namespace sluice::deliver {

class OneShipment final : public Shipment {
  public:
    explicit OneShipment(queue::Message message) : message_(std::move(message)) {
        for (std::size_t i = 0; i < message_.envelope.recipients.size(); ++i) numbers_.push_back(i);
    }
    const queue::Envelope& envelope() const override { return message_.envelope; }
    const std::vector<std::size_t>& recipients() const override { return numbers_; }
    std::string_view prefix() const override { return message_.prefix; }
    std::string_view body() const override { return *message_.body; }
    bool maybe_repeated() const override { return false; }

  private:
    queue::Message message_;
    std::vector<std::size_t> numbers_;
};

// "a@x: delivered", "b@x: later 4.2.2 452 4.2.2 over quota from mail.test [127.0.0.1]", "c@x: never …".
class NotingLane final : public Lane {
  public:
    explicit NotingLane(std::vector<queue::Message> messages) {
        for (auto& each : messages) shipments_.push_back(std::make_shared<OneShipment>(std::move(each)));
    }
    const std::string& destination() const override { return name_; }
    asio::awaitable<std::shared_ptr<Shipment>> next(std::chrono::milliseconds) override { return at_hand(); }
    asio::awaitable<std::shared_ptr<Shipment>> at_hand() override {
        if (shipments_.empty()) co_return nullptr;
        auto first = shipments_.front();
        shipments_.erase(shipments_.begin());
        co_return first;
    }
    asio::awaitable<bool> tell(Shipment& shipment, std::size_t recipient, Outcome outcome, bool keep) override {
        told.push_back(shipment.envelope().recipients[recipient].address + ": " + shown(outcome));
        if (keep) kept.push_back(told.back());
        co_return true;
    }
    void finish(std::shared_ptr<Shipment>) override { ++finished; }
    void reached() override { ++reaches; }
    asio::awaitable<void> unreachable(Outcome why) override {
        told.push_back("unreachable: " + shown(why));
        co_return;
    }

    std::vector<std::string> told;
    std::vector<std::string> kept;  // those that a crash must not repeat
    int finished = 0;
    int reaches = 0;

  private:
    static std::string shown(const Outcome& outcome) {
        if (outcome.kind() == Outcome::Kind::delivered)
            return outcome.is_passed_on() ? "passed on" : outcome.is_relayed() ? "relayed" : "delivered";
        return (outcome.kind() == Outcome::Kind::temporary ? "later " : "never ") + outcome.status() + " " +
               outcome.text() + (outcome.host().empty() ? "" : " from " + outcome.host());
    }

    std::string name_ = "a destination";
    std::vector<std::shared_ptr<OneShipment>> shipments_;
};

}  // namespace sluice::deliver
