// What config.delivery says (README, "Delivery"). Copied into the router and the dispatcher; pure data.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/deliver/backoff.hpp"
#include "engine/deliver/schedule.hpp"

namespace sluice::deliver {

struct Settings {
    // Of recipients that no rule gives a transport, in our own domains and in others: "maildir:/srv/mail/%d/%u",
    // "deliver", "forward TARGET" (forward_target.hpp).
    std::string transport = "maildir:/var/mail/vhosts/%d/%u";
    std::string remote_transport = "deliver";
    RetryPolicy retry;
    ChannelLimits channels;
    std::chrono::milliseconds idle{5000};        // how long a connection waits for another message
    std::size_t messages_per_connection = 1000;  // then another one is opened
    std::uint16_t port = 25;                     // of mail exchangers
    bool loopback = false;                       // mail exchangers may be on this machine
    std::string hello_name;                      // of EHLO; empty: the server's name
};

}  // namespace sluice::deliver
