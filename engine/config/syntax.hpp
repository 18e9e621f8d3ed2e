// Value syntaxes of configuration.md section 2. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/asio.hpp"

namespace sluice::config {

// "1.2.3.4:25", "[::1]:25", "host.tld:25" (looked up once, first address). nullopt and `why` otherwise.
[[nodiscard]] std::optional<asio::ip::tcp::endpoint> parse_endpoint(std::string_view text, std::string& why);

// ">=2.1.0, <3.0.0" against "2.2.0". nullopt if the requirement cannot be read.
[[nodiscard]] std::optional<bool> version_matches(std::string_view requirement, std::string_view version);

// Lower case, A-labels, without one trailing dot; nullopt if it is no domain name.
[[nodiscard]] std::optional<std::string> canonical_domain(std::string_view name);

}  // namespace sluice::config
