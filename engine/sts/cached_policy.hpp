// A policy as it was fetched, and its file in the cache. Format 1 of the file, text with LF line ends:
//
//   sluice-mta-sts 1 CRC          CRC-32C of all that follows this line, eight hexadecimal digits
//   domain: example.com
//   id: 20160831085700Z           of the TXT record when it was fetched
//   fetched: 1700000000           Unix time in seconds
//
//   version: STSv1                the policy file of RFC 8461 3.2, without fields nobody knows
//   …
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "grammar/sts/policy.hpp"

namespace sluice::sts {

using grammar::sts::Policy;
using grammar::sts::PolicyMode;
using TimePoint = std::chrono::system_clock::time_point;

struct CachedPolicy {
    Policy policy;
    std::string id;
    TimePoint fetched;  // whole seconds in the file

    [[nodiscard]] bool expired(TimePoint now) const { return now >= fetched + std::chrono::seconds(policy.max_age); }
    [[nodiscard]] bool operator==(const CachedPolicy&) const = default;
};

[[nodiscard]] std::string print_cached(std::string_view domain, const CachedPolicy& cached);
// Else what is wrong with the file, for the log.
[[nodiscard]] Result<CachedPolicy, std::string> parse_cached(std::string_view domain, std::string_view file);

}  // namespace sluice::sts
