#include "engine/queue/dsn_original.hpp"

#include <algorithm>

#include "engine/base/limits.hpp"
#include "engine/mail/encoded_words.hpp"
#include "engine/mail/header_fields.hpp"
#include "engine/mail/header_lines.hpp"
#include "engine/mail/tls_required.hpp"
#include "engine/queue/dsn_quoting.hpp"

namespace sluice::queue::dsn {
namespace {

// As many whole fields as fit.
std::string_view fields_within(std::string_view header, std::size_t most) {
    std::size_t end = 0;
    while (end < header.size()) {
        const std::size_t next = mail::field_end(header, mail::line_at(header, end));
        if (next > most) break;
        end = next;
    }
    return header.substr(0, end);
}

// Whether it can stand in a message without a transfer encoding but 8bit.
bool has_mail_lines(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) return false;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        if (end > limits::field_line) return false;
        if (end < text.size() && text.substr(end, 2) != "\r\n") return false;
        text.remove_prefix(std::min(end + 2, text.size()));
    }
    return true;
}

std::string_view plain_encoding(std::string_view text) { return is_ascii(text) ? "7bit" : "8bit"; }

}  // namespace

OriginalPart original_part(std::string_view message, const QuoteOptions& options) {
    const std::string_view header = mail::header_section(message);
    const bool global = options.international && is_international(header);
    if (options.whole && message.size() <= options.most && has_mail_lines(message) && (is_ascii(header) || global)) {
        return {global ? "message/global" : "message/rfc822", plain_encoding(message), std::string(message),
                Quoted::whole, global};
    }
    const std::string_view fields = fields_within(header, options.most);
    const bool international = options.international && is_international(fields);
    OriginalPart part{international ? "message/global-headers" : "text/rfc822-headers", plain_encoding(fields),
                      std::string(fields), fields.size() < header.size() ? Quoted::beginning_of_header : Quoted::header,
                      international};
    if (!has_mail_lines(fields) || (!is_ascii(fields) && !international)) {
        part.transfer_encoding = "quoted-printable";
        part.content = quoted_printable(fields);
        part.needs_smtputf8 = false;
    }
    return part;
}

OriginalFields original_fields(std::string_view message) {
    const mail::HeaderFields header(std::make_shared<const std::string>(mail::header_section(message)));
    return {mail::decode_encoded_words(header.first("Subject").value_or("")), mail::says_tls_not_required(message)};
}

}  // namespace sluice::queue::dsn
