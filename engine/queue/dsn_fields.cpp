#include "engine/queue/dsn_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/enhanced_code.hpp"
#include "engine/base/limits.hpp"
#include "engine/base/timestamp.hpp"
#include "engine/mail/header_lines.hpp"
#include "grammar/smtp/xtext.hpp"

namespace sluice::queue::dsn {
namespace {

using grammar::smtp::decode_xtext;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_reply(std::string_view text) {
    return text.size() >= 3 && text[0] >= '2' && text[0] <= '5' && is_digit(text[1]) && is_digit(text[2]) &&
           (text.size() == 3 || text[3] == ' ' || text[3] == '-' || text[3] == '\r' || text[3] == '\n');
}

bool class_fits(char klass, DsnAction action) {
    switch (action) {
        case DsnAction::failed: return klass == '5' || klass == '4';  // 4.4.7: it took too long
        case DsnAction::delayed: return klass == '4';
        case DsnAction::delivered:
        case DsnAction::relayed: break;
    }
    return klass == '2';
}

bool is_address_type(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) || c == '-' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

// "type; address"; the charset decides between the two forms of the type utf-8 (RFC 6533 3).
std::string typed_address(std::string_view type, std::string_view address, Charset charset) {
    std::string line = one_line(address, limits::dsn_address, Charset::utf8);
    if (charset == Charset::ascii) {
        line = mail::equal_names(type, "utf-8") ? encode_code_points(line)
                                                : one_line(address, limits::dsn_address, Charset::ascii);
    }
    // Once more, because what was encoded is longer than it was.
    return fmt::format("{}; {}", type, one_line(line, line.size(), charset));
}

std::string message_fields(const Envelope& original, const DsnOrigin& origin, Charset charset) {
    std::string out;
    const std::string id = one_line(decode_xtext(original.envelope_id), limits::dsn_address, charset);
    if (!id.empty()) out += field("Original-Envelope-Id", id);
    out += field("Reporting-MTA", "dns; " + one_line(origin.server_name, limits::dsn_address, charset));
    out += field("Arrival-Date", rfc5322_date(original.received));
    return out;
}

// "mx.example.net [192.0.2.1]" is a name, and a comment with the address; a host without a name is an address literal.
std::string remote_mta(std::string_view remote, Charset charset) {
    std::string line = one_line(remote, limits::dsn_address, charset);
    const std::size_t bracket = line.find(" [");
    if (bracket == std::string::npos || bracket == 0 || !line.ends_with(']')) return "dns; " + line;
    const std::string name = line.substr(0, bracket);
    const std::string address = line.substr(bracket + 2, line.size() - bracket - 3);
    if (name == address) return fmt::format("dns; [{}{}]", name.find(':') == std::string::npos ? "" : "IPv6:", name);
    return fmt::format("dns; {} ({})", name, address);
}

std::string recipient_fields(const DsnRecipient& told, const DsnOrigin& origin, Charset charset) {
    const Recipient& recipient = *told.recipient;
    std::string out;
    const OriginalRecipient given = original_recipient(recipient);
    if (!given.type.empty()) out += field("Original-Recipient", typed_address(given.type, given.address, charset));
    const std::string_view type = is_ascii(recipient.address) ? "rfc822" : "utf-8";
    out += field("Final-Recipient", typed_address(type, recipient.address, charset));
    out += field("Action", action_name(told.action));
    out += field("Status", status_of(told));
    const Said said = said_of(told);
    if (!said.text.empty()) {
        if (!recipient.remote.empty()) out += field("Remote-MTA", remote_mta(recipient.remote, charset));
        out += field("Diagnostic-Code",
                     (said.is_reply ? "smtp; " : "X-Sluice; ") + one_line(said.text, limits::dsn_reply, charset));
    }
    if (recipient.attempts > 0) out += field("Last-Attempt-Date", rfc5322_date(origin.now));
    if (told.action == DsnAction::delayed && origin.expires != TimePoint{}) {
        out += field("Will-Retry-Until", rfc5322_date(origin.expires));
    }
    return out;
}

}  // namespace

std::string_view action_name(DsnAction action) noexcept {
    switch (action) {
        case DsnAction::failed: return "failed";
        case DsnAction::delayed: return "delayed";
        case DsnAction::delivered: return "delivered";
        case DsnAction::relayed: break;
    }
    return "relayed";
}

bool is_success(DsnAction action) noexcept { return action == DsnAction::delivered || action == DsnAction::relayed; }

Said said_of(const DsnRecipient& told) {
    const std::string_view text = told.recipient->last_error;
    const bool speaks_of_success =
        !text.empty() && text.front() == '2' && (is_reply(text) || enhanced_code_length(text) > 0);
    if (is_success(told.action) && !speaks_of_success) return {};
    return {text, is_reply(text)};
}

std::string status_of(const DsnRecipient& told) {
    const std::string_view stored = told.recipient->status;
    if (!stored.empty() && enhanced_code_length(stored) == stored.size() && class_fits(stored.front(), told.action)) {
        return std::string(stored);
    }
    const Said said = said_of(told);
    std::string_view text = said.text;
    if (said.is_reply) text.remove_prefix(std::min<std::size_t>(4, text.size()));
    const std::size_t size = enhanced_code_length(text);
    if (size > 0 && class_fits(text.front(), told.action)) return std::string(text.substr(0, size));
    if (said.is_reply && class_fits(said.text.front(), told.action)) return fmt::format("{}.0.0", said.text.front());
    return is_success(told.action) ? "2.0.0" : told.action == DsnAction::delayed ? "4.0.0" : "5.0.0";
}

OriginalRecipient original_recipient(const Recipient& recipient) {
    const std::string_view given = recipient.original_recipient;
    const std::size_t end = given.find(';');
    if (end == std::string_view::npos || end > limits::dsn_word || !is_address_type(given.substr(0, end)) ||
        end + 1 == given.size()) {
        return {};
    }
    OriginalRecipient original{std::string(given.substr(0, end)), decode_xtext(given.substr(end + 1))};
    if (mail::equal_names(original.type, "utf-8")) original.address = decode_code_points(original.address);
    return original;
}

bool has_international_address(std::span<const DsnRecipient> recipients) {
    return std::any_of(recipients.begin(), recipients.end(), [](const DsnRecipient& told) {
        return is_international(told.recipient->address) ||
               is_international(original_recipient(*told.recipient).address);
    });
}

std::string status_fields(const Envelope& original, std::span<const DsnRecipient> recipients, const DsnOrigin& origin,
                          Charset charset) {
    std::string out = message_fields(original, origin, charset);
    for (const DsnRecipient& told : recipients) out += "\r\n" + recipient_fields(told, origin, charset);
    return out;
}

}  // namespace sluice::queue::dsn
