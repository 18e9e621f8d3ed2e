#include "engine/smtp_client/mail_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/base/ascii.hpp"

namespace sluice::smtp_client {

namespace {

bool control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Cannot end its angle brackets early and begin a parameter or a command: blanks and brackets only inside quotes.
bool sayable_path(std::string_view path) {
    bool quoted = false;
    bool escaped = false;
    for (const char c : path) {
        if (control(c)) return false;
        if (escaped) {
            escaped = false;
        } else if (quoted) {
            escaped = c == '\\';
            quoted = c != '"';
        } else {
            quoted = c == '"';
            if (c == ' ' || c == '<' || c == '>' || c == '\\') return false;
        }
    }
    return !quoted && !escaped;
}

// esmtp-value of RFC 5321 4.1.2.
bool sayable_value(std::string_view value) {
    return std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < 0x7f && c != '='; });
}

RecipientResult refuse(Cause cause, std::string_view status, std::string text) {
    return {Kind::permanent, cause, Command::content_check, std::string(status), std::move(text)};
}

RecipientResult no_smtputf8() {
    return refuse(Cause::needs_smtputf8, "5.6.7", "the next hop does not offer SMTPUTF8, which the message needs");
}

std::uint64_t size_of(const Mail& mail, const ContentFacts& facts) { return mail.size != 0 ? mail.size : facts.octets; }

bool needs_smtputf8(const Mail& mail) {
    return mail.smtputf8 || !is_ascii(mail.reverse_path) ||
           std::any_of(mail.recipients.begin(), mail.recipients.end(),
                       [](const Recipient& each) { return !is_ascii(each.forward_path); });
}

}  // namespace

std::optional<RecipientResult> check_mail(const Mail& mail, const ContentFacts& facts, const Extensions& extensions) {
    if (facts.lone_newline) {
        return refuse(Cause::lone_newline, "5.6.0", "the message has a CR or LF that is not part of a CRLF");
    }
    if (!sayable_path(mail.reverse_path)) {
        return refuse(Cause::bad_address, "5.1.7", "the reverse-path cannot be written as an SMTP command");
    }
    if (!sayable_value(mail.envid)) {
        return refuse(Cause::bad_address, "5.5.4", "the envelope identifier (ENVID) is not xtext");
    }
    if ((mail.smtputf8 || !is_ascii(mail.reverse_path)) && !extensions.smtputf8) return no_smtputf8();
    if (mail.eight_bit && !extensions.eight_bit_mime) {
        return refuse(Cause::needs_8bitmime, "5.6.3", "the next hop does not offer 8BITMIME, which the message needs");
    }
    const std::uint64_t size = size_of(mail, facts);
    if (extensions.size && extensions.size_limit != 0 && size > extensions.size_limit) {
        return refuse(Cause::too_big, "5.3.4",
                      fmt::format("the message has {} octets, the next hop takes {}", size, extensions.size_limit));
    }
    return std::nullopt;
}

std::optional<RecipientResult> check_recipient(const Recipient& recipient, const Extensions& extensions) {
    if (recipient.forward_path.empty() || !sayable_path(recipient.forward_path)) {
        return refuse(Cause::bad_address, "5.1.3", "the forward-path cannot be written as an SMTP command");
    }
    if (!sayable_value(recipient.orcpt) || !sayable_value(recipient.notify)) {
        return refuse(Cause::bad_address, "5.5.4", "ORCPT or NOTIFY cannot be written as an SMTP parameter");
    }
    if (!is_ascii(recipient.forward_path) && !extensions.smtputf8) return no_smtputf8();
    return std::nullopt;
}

void append_mail_command(std::string& into, const Mail& mail, const ContentFacts& facts, const Extensions& extensions) {
    const auto out = std::back_inserter(into);
    fmt::format_to(out, "MAIL FROM:<{}>", mail.reverse_path);
    if (extensions.size) fmt::format_to(out, " SIZE={}", size_of(mail, facts));
    if (facts.nul && extensions.chunking && extensions.binary_mime) {
        into += " BODY=BINARYMIME";
    } else if (mail.eight_bit) {
        into += " BODY=8BITMIME";
    }
    if (extensions.smtputf8 && needs_smtputf8(mail)) into += " SMTPUTF8";
    if (extensions.requiretls && mail.requiretls) into += " REQUIRETLS";
    if (!extensions.dsn) return;
    if (mail.ret == Ret::full) into += " RET=FULL";
    if (mail.ret == Ret::headers) into += " RET=HDRS";
    if (!mail.envid.empty()) fmt::format_to(out, " ENVID={}", mail.envid);
}

void append_rcpt_command(std::string& into, const Recipient& recipient, const Extensions& extensions) {
    const auto out = std::back_inserter(into);
    fmt::format_to(out, "RCPT TO:<{}>", recipient.forward_path);
    if (!extensions.dsn) return;
    if (!recipient.notify.empty()) fmt::format_to(out, " NOTIFY={}", recipient.notify);
    if (!recipient.orcpt.empty()) fmt::format_to(out, " ORCPT={}", recipient.orcpt);
}

}  // namespace sluice::smtp_client
