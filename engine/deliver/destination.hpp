// Where a recipient's mail goes, and how: what can share a channel has the same destination. As text it is the key of
// lanes and schedules: the method, then its conditions, each behind a TAB, in this order:
//   "deliver bank.fi\tbinding=customer-1\trequiretls\ttls={\"mode\":\"required\"}"
#pragma once

#include <string>
#include <string_view>

namespace sluice::deliver {

struct Destination {
    std::string method;             // "deliver bank.fi", "forward smtp://…", "maildir:/srv/mail/%d/%u"
    std::string binding;            // tls.md 4.3; empty: the default one
    bool requiretls = false;        // RFC 8689 3
    bool tls_not_required = false;  // "TLS-Required: No" (RFC 8689 4)
    std::string tls;                // what rules said, as JSON (tls_policy/rule_keys.hpp); empty: nothing

    [[nodiscard]] std::string text() const;
    [[nodiscard]] static Destination parse(std::string_view text);
    [[nodiscard]] bool operator==(const Destination&) const = default;
};

}  // namespace sluice::deliver
