// Text of mail (file names, encoded words) as UTF-8, which is what rules work with.
#pragma once

#include <string>
#include <string_view>

namespace sluice::mail {

[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

// `bytes` in `charset` (any case; the names mail uses) as UTF-8; what the charset does not have becomes U+FFFD. With a
// charset we do not know, and with US-ASCII that is none, the bytes stand for themselves if they are UTF-8, else they
// are read as Latin-1. The result is always valid UTF-8.
[[nodiscard]] std::string to_utf8(std::string_view bytes, std::string_view charset);

}  // namespace sluice::mail
