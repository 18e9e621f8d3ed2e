// A shipment, or what some of its recipients are to get of it, as smtp_client::Connection::send() wants it. Stays where
// it is while it is being sent.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/deliver/transport.hpp"
#include "engine/smtp_client/mail.hpp"

namespace sluice::deliver {

class Parcel {
  public:
    // `recipients`: their numbers in the envelope.
    Parcel(std::shared_ptr<Shipment> shipment, std::vector<std::size_t> recipients);
    Parcel(const Parcel&) = delete;
    Parcel& operator=(const Parcel&) = delete;

    [[nodiscard]] const smtp_client::Mail& mail() const noexcept { return mail_; }
    [[nodiscard]] Shipment& shipment() const noexcept { return *shipment_; }
    // In the envelope, of the mail's recipients.
    [[nodiscard]] const std::vector<std::size_t>& numbers() const noexcept { return numbers_; }
    // What it has for the recipients at those places.
    [[nodiscard]] Parcel for_some(const std::vector<std::size_t>& places) const;
    [[nodiscard]] std::shared_ptr<Shipment> take() noexcept { return std::move(shipment_); }

  private:
    [[nodiscard]] bool needs_smtputf8(const queue::Envelope& envelope) const;

    std::shared_ptr<Shipment> shipment_;
    std::vector<std::size_t> numbers_;
    std::vector<std::string> notify_;
    std::vector<smtp_client::Recipient> recipients_;
    std::array<std::string_view, 2> content_;
    smtp_client::Mail mail_;
};

}  // namespace sluice::deliver
