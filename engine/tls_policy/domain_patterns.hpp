// Domains as policies name them: "bank.fi" that one, ".bank.fi" it and everything below, "*.bank.fi" exactly one label
// below (tls.md 4.3, 4.6). A-labels, lower case.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::tls_policy {

// Every pattern that covers the domain, most specific first. Empty for an empty domain.
[[nodiscard]] std::vector<std::string> patterns_for(std::string_view domain);

}  // namespace sluice::tls_policy
