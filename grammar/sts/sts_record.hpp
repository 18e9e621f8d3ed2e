// The TXT record of _mta-sts.DOMAIN, which says that a domain has an MTA-STS policy and of which version it is (RFC
// 8461 3.1); the plain side of record_rules.hpp. Read by engine/sts.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::grammar::sts {

struct StsRecord {
    std::string id;  // letters and digits, up to max_policy_id: another one means another policy
};

struct ParsedStsRecord {
    std::optional<StsRecord> record;
    std::string error;  // without record: what is wrong; empty: there is none, which is the normal case
};

// One record, the strings of which are joined.
[[nodiscard]] ParsedStsRecord parse_sts_record(std::string_view text);

// All TXT records of the name: those that do not begin with "v=STSv1;" are no records of MTA-STS, and of the rest there
// must be exactly one.
[[nodiscard]] ParsedStsRecord choose_sts_record(std::span<const std::string> texts);

}  // namespace sluice::grammar::sts
