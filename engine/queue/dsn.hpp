// Delivery status notifications (RFC 3461 to 3464, RFC 6533 for SMTPUTF8): what a sender is told of its message. Pure:
// the caller stores the report in the same commit as the outcome that it tells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/limits.hpp"
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
    // status, last_error and remote say what happened; of a success only if they speak of one ("2.1.5", "250 Ok").
    const Recipient* recipient = nullptr;
    DsnAction action = DsnAction::failed;
};

struct DsnOrigin {
    std::string server_name;  // Reporting-MTA, and the domain of From
    TimePoint now;
    TimePoint expires;                              // Will-Retry-Until of what is delayed
    std::size_t largest_quote = limits::dsn_quote;  // of the original, in octets
};

// One report about all these recipients, of whom each is_owed(): to the reverse-path, from <>, with an id of its own.
// A report of some failure quotes the original whole unless RET=HDRS was given, every other report its header only (RFC
// 3461 4.3: RET speaks of failures). Also of a failure only the header, as far as it fits, where the original is larger
// than largest_quote, or cannot stand in a report as it is: NUL, a bare CR or LF, a line over 998 octets, a header with
// 8-bit octets that SMTPUTF8 does not cover. Text that came from elsewhere can break neither lines nor MIME.
// The parts of RFC 6533 are used where the original came with SMTPUTF8, or its reverse-path needs it, and something is
// UTF-8; else such text stands in the ASCII forms that RFC 6533 and MIME have for it.
[[nodiscard]] Message make_dsn(const Envelope& original, std::string_view text,
                               std::span<const DsnRecipient> recipients, const DsnOrigin& origin);

}  // namespace sluice::queue
