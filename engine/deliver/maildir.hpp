// Delivery into Maildirs (https://cr.yp.to/proto/maildir.html), one per recipient by a path template.
// The message is written to tmp/, synced, renamed into new/, and the directory is synced: "delivered" means that it is
// on stable storage. On top come Return-Path and Delivered-To (local_message.hpp); line ends become LF, as every
// delivery agent does it (readers of Maildirs expect lines as on the local system). A lone CR or LF stays as it is. The
// file name is made from message id and recipient, so that a repeated delivery replaces the first one instead of adding
// a second; if a reader has moved the first one to cur/ meanwhile, it is left there and counts as delivered.
#pragma once

#include <filesystem>
#include <string>

#include "engine/deliver/local_transport.hpp"
#include "engine/deliver/mailbox_path.hpp"

namespace sluice::deliver {

class Maildir : public LocalDelivery {
  public:
    explicit Maildir(MailboxPath path) : path_(std::move(path)) {}

    [[nodiscard]] Outcome deliver(const Attempt& attempt) override;
    [[nodiscard]] bool repeatable() const noexcept override { return true; }

    // "1700000000.<message id>.<hash of the recipient>.sluice"
    [[nodiscard]] static std::string file_name(const queue::Envelope& envelope, const queue::Recipient& recipient);

  private:
    MailboxPath path_;
};

}  // namespace sluice::deliver
