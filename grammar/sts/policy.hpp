// The policy file of MTA-STS (RFC 8461 3.2), the plain side of policy_rules.hpp. Read by engine/sts, which fetches it
// from https://mta-sts.DOMAIN/.well-known/mta-sts.txt, and written by it for our own domains.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::grammar::sts {

enum class PolicyMode : std::uint8_t { none, testing, enforce };
[[nodiscard]] std::string_view to_string(PolicyMode mode) noexcept;  // "enforce"

struct Policy {
    PolicyMode mode = PolicyMode::none;
    std::vector<std::string> mx;  // lower case, no final dot: "mail.example.com", "*.example.net"
    std::uint32_t max_age = 0;    // seconds, at most max_policy_age
    [[nodiscard]] bool operator==(const Policy&) const = default;
};

struct ParsedPolicy {
    Policy policy;
    std::string error;  // "line 2: mode: 'enforced' is none of …"; empty: the policy is valid
};

// Lines end with LF or CR LF. Fields nobody knows are ignored, of "version", "mode" and "max_age" all but the first.
[[nodiscard]] ParsedPolicy parse_policy(std::string_view text);

// The lines, without line ends: "version: STSv1", "mode: enforce", "mx: …", "max_age: 86400". Of a policy that was
// parsed, with LF or CR LF behind each, parse_policy() makes the same policy again.
[[nodiscard]] std::vector<std::string> policy_lines(const Policy& policy);

}  // namespace sluice::grammar::sts
