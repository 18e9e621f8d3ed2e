// What every delivery on this machine does to a message: line ends as the system has them, and two fields on top.
#pragma once

#include <string>
#include <string_view>

#include "engine/queue/message.hpp"

namespace sluice::deliver {

// "Return-Path: <…>\nDelivered-To: …\n" (RFC 5321 4.4; Delivered-To is what all delivery agents write).
[[nodiscard]] std::string trace_fields(const queue::Envelope& envelope, const queue::Recipient& recipient);

// CRLF becomes LF; nothing else changes.
[[nodiscard]] std::string with_local_line_ends(std::string_view text);

// Without CR, LF and NUL. Addresses are checked long before; this keeps a header whole even if one was not.
[[nodiscard]] std::string one_line(std::string_view text);

}  // namespace sluice::deliver
