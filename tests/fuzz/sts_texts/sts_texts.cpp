// What strangers publish about TLS: the policy file of MTA-STS, its TXT record, the TXT record of TLSRPT. The first
// byte chooses what the rest is. Checked: what parses keeps the limits, and means the same when it is written and
// parsed again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "grammar/mail/mailbox.hpp"
#include "grammar/sts/limits.hpp"
#include "grammar/sts/policy.hpp"
#include "grammar/sts/sts_record.hpp"
#include "grammar/sts/tls_report_record.hpp"

namespace {

using namespace sluice::grammar::sts;

void require(bool condition) {
    if (!condition) std::abort();
}

// What goes into a log, a file or an HTTP request.
bool is_printable(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 127; });
}

void check_policy(std::string_view text) {
    const ParsedPolicy parsed = parse_policy(text);
    require(is_printable(parsed.error));
    if (!parsed.error.empty()) return require(parsed.policy == Policy());
    require(parsed.policy.max_age <= max_policy_age && parsed.policy.mx.size() <= max_mx_patterns);
    require(parsed.policy.mode == PolicyMode::none || !parsed.policy.mx.empty());
    for (const std::string_view end : {"\n", "\r\n"}) {
        std::string again;
        for (const std::string& line : policy_lines(parsed.policy)) again += line + std::string(end);
        // Blanks behind colons may make it longer than it was.
        if (again.size() > max_policy) continue;
        const ParsedPolicy second = parse_policy(again);
        require(second.error.empty() && second.policy == parsed.policy);
    }
}

void check_sts_record(std::string_view text) {
    const ParsedStsRecord parsed = parse_sts_record(text);
    require(parsed.record.has_value() == parsed.error.empty() && is_printable(parsed.error));
    if (!parsed.record) return;
    const std::string& id = parsed.record->id;
    require(!id.empty() && id.size() <= max_policy_id);
    const std::string texts[] = {std::string(text), "v=STSv2; id=1"};
    require(choose_sts_record(texts).record->id == id);
    require(parse_sts_record("v=STSv1; id=" + id).record->id == id);
}

void check_uri(const ReportUri& uri) {
    require(is_printable(uri.text));
    if (uri.scheme == ReportUri::Scheme::mailto) {
        require(sluice::grammar::mail::parse_mailbox(uri.address).error == sluice::grammar::mail::MailboxError::none);
        return;
    }
    require(!uri.host.empty() && uri.port != 0 && uri.target.starts_with('/'));
    require(is_printable(uri.target) && uri.target.find_first_of(" #") == std::string::npos);
    const std::string again = "https://" + uri.host + ':' + std::to_string(uri.port) + uri.target;
    const ParsedTlsReportRecord second = parse_tls_report_record("v=TLSRPTv1; rua=" + again);
    if (again.size() + 16 > max_record) return;
    require(second.record && second.record->uris.size() == 1);
    const ReportUri& same = second.record->uris.front();
    require(same.host == uri.host && same.port == uri.port && same.target == uri.target);
}

void check_tls_report_record(std::string_view text) {
    const ParsedTlsReportRecord parsed = parse_tls_report_record(text);
    require(parsed.record.has_value() == parsed.error.empty() && is_printable(parsed.error));
    if (!parsed.record) return;
    require(!parsed.record->uris.empty() && parsed.record->uris.size() <= max_report_uris);
    for (const ReportUri& uri : parsed.record->uris) check_uri(uri);
    const std::string texts[] = {std::string(text)};
    require(choose_tls_report_record(texts).record->uris == parsed.record->uris);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] % 3 == 0) check_policy(rest);
    if (data[0] % 3 == 1) check_sts_record(rest);
    if (data[0] % 3 == 2) check_tls_report_record(rest);
    return 0;
}
