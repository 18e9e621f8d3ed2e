#include "engine/deliver/local_message.hpp"

#include <fmt/format.h>

namespace sluice::deliver {

std::string one_line(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c != '\r' && c != '\n' && c != '\0') out += c;
    }
    return out;
}

std::string with_local_line_ends(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (true) {
        const std::size_t end = text.find("\r\n");
        out += text.substr(0, end);
        if (end == std::string_view::npos) return out;
        out += '\n';
        text.remove_prefix(end + 2);
    }
}

std::string trace_fields(const queue::Envelope& envelope, const queue::Recipient& recipient) {
    return fmt::format("Return-Path: <{}>\nDelivered-To: {}\n", one_line(envelope.reverse_path),
                       one_line(recipient.address));
}

}  // namespace sluice::deliver
