// The part of a report that programs read: message/delivery-status (RFC 3464), message/global-delivery-status (RFC
// 6533).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/queue/dsn.hpp"
#include "engine/queue/dsn_quoting.hpp"

namespace sluice::queue::dsn {

// Whether some address of the recipients, ORCPT included, is UTF-8 outside ASCII.
[[nodiscard]] bool has_international_address(std::span<const DsnRecipient> recipients);

[[nodiscard]] std::string status_fields(const Envelope& original, std::span<const DsnRecipient> recipients,
                                        const DsnOrigin& origin, Charset charset);

// "failed", "delayed" …: RFC 3464 2.3.3.
[[nodiscard]] std::string_view action_name(DsnAction action) noexcept;

// The enhanced status code of RFC 3464 2.3.4, of a class that fits the action: as stored, else out of the reply.
[[nodiscard]] std::string status_of(const DsnRecipient& told);

// What was said of this recipient; empty if that belongs to an earlier attempt, before the success.
struct Said {
    std::string_view text;
    bool is_reply = false;  // an SMTP reply, not our own words
};
[[nodiscard]] Said said_of(const DsnRecipient& told);

// What ORCPT holds: type and address without xtext; both empty if it is not of the form "type;address".
struct OriginalRecipient {
    std::string type;     // as given: "rfc822", "utf-8"
    std::string address;  // of type utf-8 with its code points as UTF-8
};
[[nodiscard]] OriginalRecipient original_recipient(const Recipient& recipient);

[[nodiscard]] bool is_success(DsnAction action) noexcept;

}  // namespace sluice::queue::dsn
