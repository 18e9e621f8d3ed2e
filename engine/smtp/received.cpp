#include "engine/smtp/received.hpp"

#include <fmt/format.h>

#include "engine/base/ip_address.hpp"
#include "engine/base/limits.hpp"
#include "engine/base/timestamp.hpp"

namespace sluice::smtp {
namespace {

std::string tcp_info(const asio::ip::address& given) {
    const auto address = unmapped(given);
    if (address.is_v4()) return "[" + address.to_string() + "]";
    auto plain = address.to_v6();
    plain.scope_id(0);
    return "[IPv6:" + plain.to_string() + "]";
}

// A comment of RFC 5322 must neither end early nor hold what is no text.
std::string in_comment(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, limits::log_name)) {
        const bool plain = c >= ' ' && c <= '~' && c != '(' && c != ')' && c != '\\';
        out += plain ? c : '?';
    }
    return out;
}

std::string client_certificate(const tls::Facts& facts, const SessionFacts& session) {
    if (!facts.peer || !facts.peer->leaf) return "none";
    return fmt::format("{} CN={}", session.verified_peer ? "verified" : "unverified",
                       in_comment(facts.peer->leaf->subject_cn));
}

std::string tls_clause(const tls::Facts& facts, const SessionFacts& session, ReceivedTls how) {
    std::string clause = "\r\n\ttls " + facts.cipher_std;
    if (how == ReceivedTls::full) {
        clause += fmt::format(" ({}, {}, client-cert={})", facts.version, facts.group.empty() ? "RSA" : facts.group,
                              client_certificate(facts, session));
    }
    return clause;
}

}  // namespace

std::string with_protocol(const SessionFacts& session, bool smtputf8) {
    std::string protocol = smtputf8 ? "UTF8SMTP" : session.esmtp ? "ESMTP" : "SMTP";
    // RFC 3848 registers S and A for ESMTP only, so that nobody is told "SMTPS".
    if (!session.esmtp) return protocol;
    if (session.tls) protocol += 'S';
    if (session.authenticated_as) protocol += 'A';
    return protocol;
}

std::string received_field(const SessionFacts& session, const Transaction& transaction, ReceivedTls tls,
                           std::chrono::system_clock::time_point now) {
    std::string field = fmt::format("Received: from {} ({})\r\n\tby {} with {}\r\n\tid {}", session.helo_text,
                                    tcp_info(session.client.address()), session.server_name,
                                    with_protocol(session, transaction.smtputf8), transaction.id.to_string());
    if (transaction.recipients.size() == 1) {
        field += fmt::format("\r\n\tfor <{}>", transaction.recipients.front().address.text);
    }
    if (session.tls && tls != ReceivedTls::none) field += tls_clause(*session.tls, session, tls);
    return field + ";\r\n\t" + rfc5322_date(now) + "\r\n";
}

unsigned count_received(std::string_view message) noexcept {
    constexpr std::string_view name = "received:";
    unsigned count = 0;
    while (!message.empty() && !message.starts_with("\r\n")) {
        const std::size_t end = message.find("\r\n");
        const std::string_view line = message.substr(0, end);
        // The header ends where DataReader lets it end: at the first line that cannot belong to one.
        if (!line.starts_with(' ') && !line.starts_with('\t')) {
            if (line.find(':') == std::string_view::npos) break;
            if (equal_ignoring_ascii_case(line.substr(0, name.size()), name)) ++count;
        }
        if (end == std::string_view::npos) break;
        message.remove_prefix(end + 2);
    }
    return count;
}

}  // namespace sluice::smtp
