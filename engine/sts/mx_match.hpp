// Which MX hosts a policy allows (RFC 8461 4.1). Pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tls/name_table.hpp"

namespace sluice::sts {

// The host is the pattern, or "*." of the pattern stands for exactly one label of it. Case and one final dot do not
// matter; both are in A-labels, as the DNS and policies have them.
[[nodiscard]] inline bool matches(std::string_view pattern, std::string_view host) {
    return tls::covers(tls::normalised_name(pattern), tls::normalised_name(host));
}

[[nodiscard]] inline bool matches_any(const std::vector<std::string>& patterns, std::string_view host) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return matches(pattern, host); });
}

}  // namespace sluice::sts
