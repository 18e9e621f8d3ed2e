// Encoded words (RFC 2047, with the language of RFC 2231 5) as UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace sluice::mail {

// `text` with its encoded words decoded; those that are none stay as written. Blanks between two words go; words with
// the same charset are joined before they are converted, because senders cut characters in two. Words are found in the
// middle of other text as well, and may hold blanks, which RFC 2047 forbids and mail has. The result is valid UTF-8.
[[nodiscard]] std::string decode_encoded_words(std::string_view text);

}  // namespace sluice::mail
