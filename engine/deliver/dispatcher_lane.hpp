// The dispatcher's side of one channel. For dispatcher*.cpp only.
#pragma once

#include <utility>

#include "engine/deliver/dispatcher.hpp"

namespace sluice::deliver {

class Dispatcher::ActiveShipment final : public Shipment {
  public:
    ActiveShipment(Uuid id, std::shared_ptr<Job> job, std::vector<std::size_t> recipients)
        : id_(id), job_(std::move(job)), recipients_(std::move(recipients)) {}

    [[nodiscard]] const queue::Envelope& envelope() const override { return job_->envelope; }
    [[nodiscard]] const std::vector<std::size_t>& recipients() const override { return recipients_; }
    [[nodiscard]] std::string_view prefix() const override { return job_->prefix; }
    [[nodiscard]] std::string_view body() const override { return *job_->body; }
    [[nodiscard]] bool maybe_repeated() const override { return job_->maybe_repeated; }

    [[nodiscard]] const Uuid& id() const noexcept { return id_; }
    [[nodiscard]] Job& job() const noexcept { return *job_; }

  private:
    Uuid id_;
    std::shared_ptr<Job> job_;
    std::vector<std::size_t> recipients_;
};

class Dispatcher::ActiveLane final : public Lane {
  public:
    ActiveLane(Dispatcher& dispatcher, std::string destination)
        : dispatcher_(dispatcher), destination_(std::move(destination)), timer_(dispatcher.io_) {}

    [[nodiscard]] const std::string& destination() const override { return destination_; }
    [[nodiscard]] asio::awaitable<std::shared_ptr<Shipment>> next(std::chrono::milliseconds patience) override;
    [[nodiscard]] asio::awaitable<std::shared_ptr<Shipment>> at_hand() override;
    [[nodiscard]] asio::awaitable<bool> tell(Shipment& shipment, std::size_t recipient, Outcome outcome,
                                             bool keep) override;
    void finish(std::shared_ptr<Shipment> shipment) override;
    void reached() override;
    [[nodiscard]] asio::awaitable<void> unreachable(Outcome why) override;

    // The transport has gone without finishing what it had: later again.
    void abandon();
    // Somebody is waiting: a message has come, or the server stops.
    void wake();
    [[nodiscard]] asio::cancellation_signal& cancellation() noexcept { return cancellation_; }

  private:
    [[nodiscard]] asio::awaitable<bool> wait_for_work(std::chrono::steady_clock::time_point until);
    [[nodiscard]] Schedule::Taken take();
    void end(const Uuid& id);
    [[nodiscard]] asio::awaitable<std::shared_ptr<Shipment>> shipment_of(Uuid id);
    [[nodiscard]] asio::awaitable<std::shared_ptr<ActiveShipment>> begin(Uuid id, bool with_body);
    [[nodiscard]] asio::awaitable<void> pass_verdict(Uuid id, Outcome outcome);
    [[nodiscard]] std::vector<std::size_t> recipients_of(const Job& job, const Round& round) const;

    Dispatcher& dispatcher_;
    std::string destination_;
    asio::steady_timer timer_;
    asio::cancellation_signal cancellation_;
    bool woken_ = false;
    std::vector<Uuid> taken_;  // from the schedule, and not ended
};

}  // namespace sluice::deliver
