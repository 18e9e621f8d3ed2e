// Transports that are mailboxes on this machine: "maildir:PATH" and "mbox:PATH" (mailbox_path.hpp).
#pragma once

#include <memory>
#include <string_view>

#include "engine/deliver/local_transport.hpp"
#include "engine/deliver/mailbox_path.hpp"

namespace sluice::deliver {

[[nodiscard]] bool is_mailbox(std::string_view transport) noexcept;
// Of one that is.
[[nodiscard]] MailboxPath::Parsed mailbox_path(std::string_view transport);
[[nodiscard]] std::shared_ptr<LocalDelivery> make_mailbox(std::string_view transport, MailboxPath path);

}  // namespace sluice::deliver
