#include "engine/deliver/parcel.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/ascii.hpp"
#include "engine/mail/header_lines.hpp"

namespace sluice::deliver {

namespace {

std::string notify_text(std::uint8_t notify) {
    if (notify & queue::notify_never) return "NEVER";
    std::string text;
    for (const auto& [bit, word] :
         {std::pair(queue::notify_success, "SUCCESS"), std::pair(queue::notify_failure, "FAILURE"),
          std::pair(queue::notify_delay, "DELAY")})
        if (notify & bit) text += (text.empty() ? "" : ",") + std::string(word);
    return text;
}

}  // namespace

Parcel::Parcel(std::shared_ptr<Shipment> shipment, std::vector<std::size_t> recipients)
    : shipment_(std::move(shipment)), numbers_(std::move(recipients)) {
    const auto& envelope = shipment_->envelope();
    for (const auto number : numbers_) {
        const auto& recipient = envelope.recipients[number];
        notify_.push_back(notify_text(recipient.notify));
        recipients_.push_back({recipient.address, recipient.original_recipient, {}});
    }
    // Only now do the texts stay where they are.
    for (std::size_t i = 0; i < recipients_.size(); ++i) recipients_[i].notify = notify_[i];
    content_ = {shipment_->prefix(), shipment_->body()};
    mail_.reverse_path = envelope.reverse_path;
    mail_.recipients = recipients_;
    mail_.content = content_;
    mail_.eight_bit = !is_ascii(content_[0]) || !is_ascii(content_[1]);
    mail_.smtputf8 = envelope.smtputf8 && needs_smtputf8(envelope);
    mail_.requiretls = envelope.requiretls;
    mail_.envid = envelope.envelope_id;
    mail_.ret = envelope.ret == "FULL"   ? smtp_client::Ret::full
                : envelope.ret == "HDRS" ? smtp_client::Ret::headers
                                         : smtp_client::Ret::unset;
}

Parcel Parcel::for_some(const std::vector<std::size_t>& places) const {
    std::vector<std::size_t> numbers;
    for (const auto place : places) numbers.push_back(numbers_[place]);
    return {shipment_, std::move(numbers)};
}

// Whether it is really needed, not whether the sender could have needed it.
bool Parcel::needs_smtputf8(const queue::Envelope& envelope) const {
    return !is_ascii(envelope.reverse_path) || !is_ascii(mail::header_section(content_[1])) ||
           std::any_of(recipients_.begin(), recipients_.end(),
                       [](const auto& each) { return !is_ascii(each.forward_path); });
}

}  // namespace sluice::deliver
