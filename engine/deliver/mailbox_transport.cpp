#include "engine/deliver/mailbox_transport.hpp"

#include <utility>

#include "engine/deliver/maildir.hpp"
#include "engine/deliver/mbox.hpp"
#include "engine/deliver/settings.hpp"

namespace sluice::deliver {

bool is_mailbox(std::string_view transport) noexcept {
    return transport.starts_with(maildir_prefix) || transport.starts_with(mbox_prefix);
}

MailboxPath::Parsed mailbox_path(std::string_view transport) {
    return MailboxPath::parse(transport.substr(transport.find(':') + 1));
}

std::shared_ptr<LocalDelivery> make_mailbox(std::string_view transport, MailboxPath path) {
    if (transport.starts_with(maildir_prefix)) return std::make_shared<Maildir>(std::move(path));
    return std::make_shared<Mbox>(std::move(path));
}

}  // namespace sluice::deliver
