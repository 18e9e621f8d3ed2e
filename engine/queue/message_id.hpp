// Identifiers of messages: random UUIDs (RFC 9562, version 4) in lower-case text. They are also file names, so nothing
// else may pass is_message_id() on its way to a path.
#pragma once

#include <string>
#include <string_view>

namespace sluice::queue {

[[nodiscard]] std::string make_message_id();
[[nodiscard]] bool is_message_id(std::string_view text) noexcept;

}  // namespace sluice::queue
