// The TXT record of _smtp._tls.DOMAIN, which says where reports about TLS go (TLSRPT, RFC 8460 3); the plain side of
// record_rules.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::grammar::sts {

// One destination of reports.
struct ReportUri {
    enum class Scheme : std::uint8_t { mailto, https } scheme = Scheme::mailto;
    std::string text;     // as written
    std::string address;  // mailto: percent-decoded, a mailbox of RFC 5321
    std::string host;     // https: a domain name, lower case, no final dot
    std::uint16_t port = 443;
    std::string target = "/";  // path and query, as written
    [[nodiscard]] bool operator==(const ReportUri&) const = default;
};

struct TlsReportRecord {
    std::vector<ReportUri> uris;       // in order, 1 to max_report_uris
    std::vector<std::string> ignored;  // URIs we send nothing to: other schemes, no mailbox, address literals
};

struct ParsedTlsReportRecord {
    std::optional<TlsReportRecord> record;
    std::string error;  // without record: what is wrong; empty: there is none, the domain wants no reports
};

// One record, the strings of which are joined.
[[nodiscard]] ParsedTlsReportRecord parse_tls_report_record(std::string_view text);

// All TXT records of the name: those that do not begin with "v=TLSRPTv1;" are no records of TLSRPT, and of the rest
// there must be exactly one.
[[nodiscard]] ParsedTlsReportRecord choose_tls_report_record(std::span<const std::string> texts);

}  // namespace sluice::grammar::sts
