// What config.delivery says (README, "Delivery"). Copied into the router and the dispatcher; pure data.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/deliver/backoff.hpp"
#include "engine/deliver/schedule.hpp"
#include "engine/smtp_client/options.hpp"
#include "engine/tls_policy/scopes.hpp"

namespace sluice::deliver {

// Transports that have an argument; besides them there are "deliver" and "forward TARGET" (forward_target.hpp).
inline constexpr std::string_view maildir_prefix = "maildir:";  // "maildir:/srv/mail/%d/%u" (mailbox_path.hpp)
inline constexpr std::string_view mbox_prefix = "mbox:";        // "mbox:/var/mail/%u"
inline constexpr std::string_view home_maildir = "maildir:~/Maildir";
inline constexpr std::string_view lmtp_prefix = "lmtp:";  // "lmtp:127.0.0.1:24", "lmtp:/socket" (lmtp_target.hpp)
inline constexpr std::string_view pipe_prefix = "pipe:";  // "pipe:/usr/bin/procmail -d %u" (pipe_command.hpp)

struct Settings {
    // Of recipients that no rule gives a transport, in our own domains and in others.
    std::string transport = "maildir:/var/mail/vhosts/%d/%u";
    std::string remote_transport = "deliver";
    RetryPolicy retry;
    ChannelLimits channels;
    std::chrono::milliseconds idle{5000};        // how long a connection waits for another message
    std::size_t messages_per_connection = 1000;  // then another one is opened
    std::uint16_t port = 25;                     // of mail exchangers
    bool loopback = false;                       // mail exchangers may be on this machine
    std::string hello_name;                      // of EHLO; empty: the server's name
    smtp_client::Timeouts timeouts;
    tls_policy::Scopes tls_scopes;
    std::string mta_sts_store;         // directory of the policies fetched; empty: below the spool
    std::string mta_sts_ca;            // of policy hosts; empty: the system's bundle
    std::uint16_t mta_sts_port = 443;  // of policy hosts: another one only for tests
    bool note_starttls_offer = true;   // log "Host offered STARTTLS: [host]" (tls.md 4.7)
    // Maildirs and mboxes belong to the system users that local parts name, and are written with their rights
    // (user_helper.hpp), with this group if it is not empty.
    bool system_users = false;
    std::string local_group;
};

// Where mail for `maildir` and `mbox` goes, whoever says it without a path.
[[nodiscard]] std::string maildir_transport(const Settings& settings);
[[nodiscard]] std::string mbox_transport(const Settings& settings);
// All of them that the settings may lead to.
[[nodiscard]] std::vector<std::string> mailbox_transports(const Settings& settings);

}  // namespace sluice::deliver
