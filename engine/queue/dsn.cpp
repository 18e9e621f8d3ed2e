#include "engine/queue/dsn.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/ids.hpp"
#include "engine/base/timestamp.hpp"
#include "engine/mail/header_lines.hpp"
#include "engine/queue/dsn_fields.hpp"
#include "engine/queue/dsn_letter.hpp"
#include "engine/queue/dsn_original.hpp"
#include "engine/queue/dsn_quoting.hpp"

namespace sluice::queue {
namespace {

using namespace dsn;

struct Part {
    std::string_view description;
    std::string content_type;
    std::string_view transfer_encoding;
    std::string content;
};

// A name that can stand behind an @, whatever was configured or sent as SNI.
std::string domain_of(std::string_view server_name) {
    std::string domain(server_name.substr(0, limits::domain_name));
    std::replace_if(
        domain.begin(), domain.end(),
        [](char c) {
            const bool fits = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
                              c == '-' || c == '_' || c == '[' || c == ']' || c == ':';
            return !fits;
        },
        '-');
    return domain.empty() ? "localhost" : domain;
}

Part letter_part(std::string text) {
    if (is_ascii(text)) return {"Notification", "text/plain; charset=us-ascii", "7bit", std::move(text)};
    return {"Notification", "text/plain; charset=utf-8", "quoted-printable", quoted_printable(text)};
}

Part status_part(const Envelope& original, std::span<const DsnRecipient> recipients, const DsnOrigin& origin,
                 bool international) {
    std::string text = status_fields(original, recipients, origin, international ? Charset::utf8 : Charset::ascii);
    return {"Delivery report", international ? "message/global-delivery-status" : "message/delivery-status",
            is_ascii(text) ? "7bit" : "8bit", std::move(text)};
}

std::string multipart_body(std::span<const Part> parts, std::string_view boundary) {
    std::string out;
    for (const Part& part : parts) {
        out += fmt::format("--{}\r\n", boundary);
        out += field("Content-Description", part.description);
        out += field("Content-Type", part.content_type);
        out += field("Content-Transfer-Encoding", part.transfer_encoding);
        out += "\r\n";
        out += part.content;
        out += "\r\n";
    }
    return out + fmt::format("--{}--\r\n", boundary);
}

std::string boundary_for(std::span<const Part> parts) {
    std::string content;
    for (const Part& part : parts) content += part.content;
    return free_boundary(content, [] { return "report-" + Uuid::random().to_string(); });
}

struct HeaderTexts {
    std::string_view id;
    std::string_view to;
    std::string subject;
    std::string_view boundary;
    bool eight_bit;
    bool delivery_before_security;
};

std::string report_header(const HeaderTexts& texts, const DsnOrigin& origin) {
    const std::string domain = domain_of(origin.server_name);
    const Charset charset = is_international(texts.to) ? Charset::utf8 : Charset::ascii;
    std::string out = field("Date", rfc5322_date(origin.now));
    out += field("From", fmt::format("Mail Delivery System <MAILER-DAEMON@{}>", domain));
    out += field("To", fmt::format("<{}>", one_line(texts.to, limits::dsn_address, charset)));
    out += field("Subject", texts.subject);
    out += field("Message-ID", fmt::format("<{}@{}>", texts.id, domain));
    out += field("Auto-Submitted", "auto-replied");
    if (texts.delivery_before_security) out += field("TLS-Required", "No");
    out += field("MIME-Version", "1.0");
    out += field("Content-Type",
                 fmt::format("multipart/report; report-type=delivery-status; boundary=\"{}\"", texts.boundary));
    out += field("Content-Transfer-Encoding", texts.eight_bit ? "8bit" : "7bit");
    return out + "\r\n";
}

Envelope report_envelope(const Envelope& original, const DsnOrigin& origin) {
    Envelope envelope;
    envelope.id = Uuid::random().to_string();
    envelope.received = origin.now;
    envelope.server_name = origin.server_name;
    Recipient sender;
    sender.address = original.reverse_path;
    sender.notify = notify_never;
    envelope.recipients.push_back(std::move(sender));
    return envelope;
}

}  // namespace

bool is_owed(const Envelope& envelope, const Recipient& recipient, DsnAction action) noexcept {
    if (envelope.reverse_path.empty() || (recipient.notify & notify_never) != 0) return false;
    const int asked = recipient.notify != 0 ? recipient.notify : notify_failure | notify_delay;
    switch (action) {
        case DsnAction::failed: return (asked & notify_failure) != 0;
        case DsnAction::delayed: return (asked & notify_delay) != 0;
        case DsnAction::delivered:
        case DsnAction::relayed: break;
    }
    return (asked & notify_success) != 0;
}

Message make_dsn(const Envelope& original, std::string_view text, std::span<const DsnRecipient> recipients,
                 const DsnOrigin& origin) {
    const bool utf8_sender = is_international(original.reverse_path);
    const bool utf8_allowed = original.smtputf8 || utf8_sender;
    const bool utf8_status = utf8_allowed && has_international_address(recipients);
    const bool any_failed = std::any_of(recipients.begin(), recipients.end(),
                                        [](const DsnRecipient& told) { return told.action == DsnAction::failed; });
    // What was to be protected on its way out is not sent back whole on a way that may not be (RFC 8689 4.4).
    const bool whole = any_failed && !mail::equal_names(original.ret, "HDRS") && !original.requiretls;
    OriginalPart quoted =
        original_part(text, {.whole = whole, .international = utf8_allowed, .most = origin.largest_quote});

    const OriginalFields fields = original_fields(text);

    std::vector<Part> parts;
    parts.push_back(letter_part(letter(original, fields.subject, recipients, origin, quoted.quoted)));
    parts.push_back(status_part(original, recipients, origin, utf8_status));
    parts.push_back({quoted.quoted == Quoted::whole ? "Undelivered message" : "Header of the message",
                     std::string(quoted.content_type), quoted.transfer_encoding, std::move(quoted.content)});

    Message report;
    report.envelope = report_envelope(original, origin);
    report.envelope.tls_not_required = fields.delivery_before_security;
    const std::string subject = report_subject(recipients, utf8_allowed);
    report.envelope.eight_bit =
        std::any_of(parts.begin(), parts.end(), [](const Part& part) { return part.transfer_encoding == "8bit"; });
    report.envelope.smtputf8 = utf8_sender || utf8_status || quoted.needs_smtputf8 || !is_ascii(subject);
    const std::string boundary = boundary_for(parts);
    std::string body = report_header({.id = report.envelope.id,
                                      .to = original.reverse_path,
                                      .subject = subject,
                                      .boundary = boundary,
                                      .eight_bit = report.envelope.eight_bit,
                                      .delivery_before_security = fields.delivery_before_security},
                                     origin);
    body += multipart_body(parts, boundary);
    report.body = std::make_shared<const std::string>(std::move(body));
    return report;
}

}  // namespace sluice::queue
