#include "engine/mail/part_header.hpp"

namespace sluice::mail {
namespace {

void take_first(std::optional<std::string_view>& field, std::string_view value, bool& doubled) {
    if (field) {
        doubled = true;
    } else {
        field = value;
    }
}

bool hides_bytes(TransferEncoding encoding) {
    return encoding == TransferEncoding::base64 || encoding == TransferEncoding::quoted_printable;
}

bool is_attachment(const Part& part) {
    const std::string_view type = part.content_type;
    if (type.starts_with("multipart/")) return false;
    if (!part.file_name.empty()) return true;
    if (!part.disposition.empty()) return part.disposition != "inline";
    return !type.starts_with("text/") && !(part.depth == 0 && type.starts_with("message/"));
}

}  // namespace

void PartFields::take(std::string_view name, std::string_view value) {
    if (equal_names(name, "Content-Type")) take_first(type, value, doubled);
    if (equal_names(name, "Content-Disposition")) take_first(disposition, value, doubled);
    if (equal_names(name, "Content-Transfer-Encoding")) take_first(encoding, value, doubled);
}

PartHeader read_part_header(const PartFields& fields, bool in_digest, Part& part) {
    MimeField type = fields.type ? content_type_field(*fields.type) : MimeField{};
    const MimeField disposition = fields.disposition ? content_disposition_field(*fields.disposition) : MimeField{};
    part.malformed = fields.doubled || type.malformed || disposition.malformed;
    part.content_type = type.value;
    if (part.content_type.empty()) part.content_type = in_digest && !fields.type ? "message/rfc822" : "text/plain";
    part.encoding = transfer_encoding(fields.encoding.value_or(""));
    part.disposition = disposition.value;
    part.file_name = file_name(disposition, type);
    part.charset = grammar::mail::lower_case(
        type.parameter("charset").value_or(part.content_type.starts_with("text/") ? "us-ascii" : ""));
    part.is_attachment = is_attachment(part);

    PartHeader header;
    if (part.content_type.starts_with("multipart/")) {
        std::string_view boundary = type.parameter("boundary").value_or("");
        boundary = boundary.substr(0, boundary.find_last_not_of(" \t") + 1);
        header.boundary = boundary;
        header.container = boundary.empty() ? Container::none : Container::multipart;
        if (boundary.empty()) part.malformed = true;
    } else if (part.content_type == "message/rfc822" || part.content_type == "message/global") {
        header.container = hides_bytes(part.encoding) ? Container::none : Container::message;
    }
    part.parameters = std::move(type.parameters);
    return header;
}

}  // namespace sluice::mail
