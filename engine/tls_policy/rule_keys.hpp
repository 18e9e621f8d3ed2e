// What a rule says about TLS of a message or recipient, `transport::tls(#{ mode: "required" })`, as text that can be
// stored with the message: a JSON object of the keys of tls.md 1.2. It is checked when the rule says it, and read again
// for each attempt.
#pragma once

#include <string>
#include <string_view>

#include "engine/tls_policy/scopes.hpp"

namespace sluice::tls_policy {

struct ParsedKeys {
    Keys keys;
    std::string error;  // why they cannot be used: "'strict' is not one of …"; empty: they can
};

// An object with the keys of keys.def; times are strings as in the configuration ("30s"), or "0".
[[nodiscard]] ParsedKeys parse_rule_keys(std::string_view json);

// The keys of both; where both have one, that of `over`. Both are what parse_rule_keys() takes, or empty.
[[nodiscard]] std::string merged(std::string_view under, std::string_view over);

}  // namespace sluice::tls_policy
