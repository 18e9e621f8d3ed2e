// `groups` of the configuration -> key-exchange groups (tls.md 2.5), by one table: newer libraries bring newer groups.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/tls/problems.hpp"

namespace sluice::tls {

struct GroupListResult {
    std::vector<int> nids;  // for SSL_set1_curves, in order of preference; empty exactly if problems has an error
    std::vector<Problem> problems;
};

[[nodiscard]] GroupListResult translate_groups(const std::vector<std::string>& names, const Origin& origin);

// Our name ("X25519", "P-256") of a TLS group number; the library's name if the table lacks it, empty for 0.
[[nodiscard]] std::string group_name(unsigned short tls_id);

}  // namespace sluice::tls
