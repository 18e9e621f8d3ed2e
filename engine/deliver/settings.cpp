#include "engine/deliver/settings.hpp"

#include "engine/deliver/mailbox_transport.hpp"

namespace sluice::deliver {

// Unless config.delivery.transport is of that kind: where vSMTP puts it.
std::string maildir_transport(const Settings& settings) {
    if (settings.transport.starts_with(maildir_prefix)) return settings.transport;
    return settings.system_users ? std::string(home_maildir) : Settings().transport;
}

std::string mbox_transport(const Settings& settings) {
    return settings.transport.starts_with(mbox_prefix) ? settings.transport : "mbox:/var/mail/%u";
}

std::vector<std::string> mailbox_transports(const Settings& settings) {
    std::vector<std::string> all = {maildir_transport(settings), mbox_transport(settings)};
    if (is_mailbox(settings.remote_transport)) all.push_back(settings.remote_transport);
    return all;
}

}  // namespace sluice::deliver
