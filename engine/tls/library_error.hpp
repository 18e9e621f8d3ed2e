// BoringSSL's error queue as values. The queue belongs to the thread: clear it before a call, take it right after.
#pragma once

#include <string>

#include "engine/base/asio.hpp"

namespace sluice::tls {

// Code of the oldest queued error (the cause) in the category "boringssl"; empties the queue. Empty code if none.
[[nodiscard]] error_code take_library_error();

// "UNSUPPORTED_PROTOCOL": the library's name of the reason; for other categories the usual message.
[[nodiscard]] std::string reason_text(const error_code& code);

// take_library_error() as text, for messages; "unknown error" if the queue was empty.
[[nodiscard]] std::string take_reason();

}  // namespace sluice::tls
