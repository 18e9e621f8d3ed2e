// Delivery into mailboxes of one file each (RFC 4155), one per recipient by a path template. A message is
//     From SENDER Sun Nov 22 12:51:52 2026       received, UTC; "MAILER-DAEMON" for the null reverse-path
//     Return-Path, Delivered-To, the message     LF line ends; a line of any number of ">" and "From " gets one ">"
//     more (an empty line)                            (mboxrd: what was quoted can be told from what was written so)
// The file is locked in the three ways that are in use (engine/io/shared_file.hpp), and what could not be written as a
// whole is taken back. "delivered" means that it is on stable storage. Nothing tells a second delivery from the first,
// so after a crash a message may be there twice. Made with mode 0600, owned by the user of this process.
#pragma once

#include <string>
#include <string_view>

#include "engine/deliver/local_transport.hpp"
#include "engine/deliver/mailbox_path.hpp"
#include "engine/io/shared_file.hpp"

namespace sluice::deliver {

class Mbox : public LocalDelivery {
  public:
    explicit Mbox(MailboxPath path, io::LockPatience patience = {}) : path_(std::move(path)), patience_(patience) {}

    [[nodiscard]] Outcome deliver(const Attempt& attempt) override;

    // With its LF.
    [[nodiscard]] static std::string from_line(const queue::Envelope& envelope);
    // Of text with LF line ends.
    [[nodiscard]] static std::string quoted(std::string text);

  private:
    MailboxPath path_;
    io::LockPatience patience_;
};

}  // namespace sluice::deliver
