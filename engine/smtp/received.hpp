// The trace field a gateway puts on top of each message (RFC 5321 4.4), and the count of those already there.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "engine/smtp/envelope.hpp"

namespace sluice::smtp {

// "Received: from HELO ([IP]) by NAME with ESMTPS id UUID for <RCPT> tls SUITE; DATE", folded, CRLF at the end.
// `with` follows RFC 3848 and RFC 6531; the tls clause RFC 8314 4.3 (behind `for`, where the ABNF has such clauses).
// `for` only if the message has exactly one recipient, so that no Bcc shows.
[[nodiscard]] std::string received_field(const SessionFacts& session, const Transaction& transaction, ReceivedTls tls,
                                         std::chrono::system_clock::time_point now);

// "ESMTPSA", "UTF8SMTP" ...
[[nodiscard]] std::string with_protocol(const SessionFacts& session, bool smtputf8);

// Received fields in the header of `message`.
[[nodiscard]] unsigned count_received(std::string_view message) noexcept;

}  // namespace sluice::smtp
