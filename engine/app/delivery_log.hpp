// What delivery writes to the log: one line for each attempt for each recipient, with how it was protected
// (tls.md 4.7), and lines about connections.
#pragma once

#include "engine/deliver/outcome.hpp"
#include "engine/deliver/smtp_transport.hpp"
#include "engine/obs/log.hpp"
#include "engine/queue/message.hpp"

namespace sluice::app {

class DeliveryLog {
  public:
    explicit DeliveryLog(obs::Log& log) : log_(log) {}

    void attempt(const queue::Envelope& envelope, const queue::Recipient& recipient, const deliver::Outcome& outcome);
    // `note_offer`: config.delivery.note_starttls_offer.
    void connection(const deliver::ConnectionReport& report, bool note_offer);

  private:
    obs::Log& log_;
};

// Level, ":" what it came down to, "!" violated, "?" not known: "may:none", "dane", "required!", "may?".
[[nodiscard]] std::string tls_tag(const deliver::DeliveryTls& tls);

}  // namespace sluice::app
