// Lengths of MTA-STS policies and of the records that announce them. RFC numbers stand where an RFC asks for them; the
// rest keeps what a stranger publishes from costing us memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::grammar::sts {

inline constexpr std::size_t max_policy = 64 * 1024;         // octets of the file: RFC 8461 3.3 suggests it
inline constexpr std::size_t max_mx_patterns = 1000;         // the largest in earnest have about ten
inline constexpr std::uint32_t max_policy_age = 31'557'600;  // seconds, one year: RFC 8461 3.2
inline constexpr std::size_t max_policy_id = 32;             // RFC 8461 3.1
inline constexpr std::size_t max_record = 4096;              // octets of a TXT record; in earnest below 300
inline constexpr std::size_t max_report_uris = 16;           // of one TLSRPT record; in earnest one or two

}  // namespace sluice::grammar::sts
