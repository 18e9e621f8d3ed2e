// Messages as administrators write them in tests and files, made into what a client sends.
#pragma once

#include <string>
#include <string_view>

namespace sluice::rehearsal {

// Every line ends with CRLF (RFC 5321 section 2.3.8), the last one too; what has it already stays as it is.
[[nodiscard]] std::string with_crlf(std::string_view text);

// What follows the 354 of DATA: CRLF, leading dots doubled, and the line with the dot (RFC 5321 section 4.5.2).
[[nodiscard]] std::string as_sent(std::string_view message);

}  // namespace sluice::rehearsal
