// What is known of TLS on the way of one attempt: the log fields of tls.md 4.7 come from it.
#pragma once

#include <memory>
#include <string>

#include "engine/base/asio.hpp"
#include "engine/tls/link.hpp"
#include "engine/tls_policy/scopes.hpp"

namespace sluice::deliver {

struct DeliveryTls {
    tls_policy::Mode mode = tls_policy::Mode::opportunistic;  // as configured
    std::string planned_by;                                   // "none", "static", "dane", "sts"
    std::string scope;                // the entry that decided the mode; empty: the built-in default
    std::string fallback;             // why it is in clear although TLS was tried
    std::string refusal;              // why no connection was used: what lies behind the text of tls.md 4.11
    std::optional<tls::Facts> facts;  // of the connection, if it is protected
    std::shared_ptr<const tls::PeerFacts> refused;  // the certificates that were not acceptable
    bool connected = false;                         // a server answered, so that it is known whether there is TLS
    asio::ip::address remote_ip;
    asio::ip::address source_ip;
};

// Of one recipient's attempt; null: nothing was tried by SMTP.
using DeliveryTlsPtr = std::shared_ptr<const DeliveryTls>;

}  // namespace sluice::deliver
