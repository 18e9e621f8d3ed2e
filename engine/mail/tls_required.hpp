// The header field by which a sender says that delivery comes before security (RFC 8689 5).
#pragma once

#include <string_view>

namespace sluice::mail {

// The first field "TLS-Required" says "No". Cheap: asked for every message.
[[nodiscard]] bool says_tls_not_required(std::string_view message) noexcept;

}  // namespace sluice::mail
