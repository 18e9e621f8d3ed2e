// Domains as keys of delivery scopes (tls.md 4.3): "bank.fi", ".bank.fi" (it and all below), "*.bank.fi" (one label).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::migrate {

// In lower case and A-labels; nothing for what is no such pattern.
[[nodiscard]] std::optional<std::string> domain_pattern(std::string_view written);

}  // namespace sluice::migrate
