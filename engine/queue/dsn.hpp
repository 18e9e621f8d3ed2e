// Delivery status notifications (RFC 3461 to 3464, RFC 6533 for SMTPUTF8): what a sender is told of its message. Pure:
// the caller stores the report in the same commit as the outcome that it tells.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/queue/message.hpp"

namespace sluice::queue {

enum class DsnAction : std::uint8_t {
    failed,
    delayed,    // still being tried
    delivered,  // into its mailbox
    relayed,    // to a host that does not report success itself
};

// Whether the sender of `envelope` is to be told that (RFC 3461 4.1, 5.2): never for the null reverse-path, by NOTIFY
// otherwise; without NOTIFY failures and delays.
[[nodiscard]] bool is_owed(const Envelope& envelope, const Recipient& recipient, DsnAction action) noexcept;

struct DsnRecipient {
    const Recipient* recipient = nullptr;  // status, last_error and remote say what happened
    DsnAction action = DsnAction::failed;
};

struct DsnOrigin {
    std::string server_name;  // Reporting-MTA, and the domain of From
    TimePoint now;
    TimePoint expires;  // Will-Retry-Until of what is delayed
    // Quoting more of the original than this would make a large message travel again.
    std::size_t largest_quote = 50 * 1024;
};

// One report about all these recipients, of whom each is_owed(): to the reverse-path, from <>, with an id of its own.
// The original is quoted whole with RET=FULL (if it is not larger than largest_quote), else its header; without RET
// whole for failures only. Text that came from elsewhere is quoted so that it can break neither lines nor MIME.
[[nodiscard]] Message make_dsn(const Envelope& original, std::string_view text, std::span<const DsnRecipient> recipients,
                               const DsnOrigin& origin);

}  // namespace sluice::queue
