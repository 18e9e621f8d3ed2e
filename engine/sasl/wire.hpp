// What stands on the lines of an AUTH exchange (RFC 4954 4): base64, `*`, `=`. No I/O; the session gives lines without
// CRLF and sends what encode() gives behind "334 ".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/sasl/secret.hpp"

namespace sluice::sasl {

enum class WireError : std::uint8_t {
    cancelled,   // the line is `*`: 501, AuthClientCanceled
    not_base64,  // 501, AuthErrorDecode64; also for padding that is missing, wrong or more than needed
    too_long,    // more than limits::sasl_line octets: 500
};

// Strict RFC 4648 4, without line breaks; one text for each value. The empty text is the empty value.
[[nodiscard]] std::optional<Secret> decode_base64(std::string_view text);
[[nodiscard]] std::string encode_base64(std::string_view bytes);

// A line of the client within the exchange; the empty line is the empty response.
[[nodiscard]] Result<Secret, WireError> decode_response(std::string_view line);

// What stands behind the mechanism in `AUTH MECHANISM [initial-response]`. No value: there is none, and the server asks
// with an empty challenge; `=` is the empty response. Never `cancelled`.
[[nodiscard]] Result<std::optional<Secret>, WireError> decode_initial_response(std::string_view argument);

}  // namespace sluice::sasl
