// Bytes of a client -> command lines -> arguments. Checked: what parses can be written and parsed again to the same
// value, and a line never holds a line end.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/smtp/address.hpp"
#include "engine/smtp/command_buffer.hpp"
#include "engine/smtp/reply.hpp"
#include "grammar/smtp/command_line.hpp"
#include "grammar/smtp/limits.hpp"
#include "grammar/smtp/xtext.hpp"

namespace {

using namespace sluice;
using grammar::smtp::Verb;

void require(bool condition) {
    if (!condition) std::abort();
}

void check_path(const grammar::smtp::Path& path) {
    if (path.null || path.postmaster) return;
    const smtp::Address address = smtp::Address::make(path.mailbox.local_part, path.mailbox.domain);
    const auto again = smtp::parse_address(address.text);
    // Quoting what need not be quoted may have made the text longer than an address may be.
    if (!again) return require(address.text.size() > 256);
    require(again->local_part == address.local_part && again->domain == address.domain);
    require(address.text.find_first_of("\r\n") == std::string::npos);
}

// What it stands for is printable, and encoding that gives xtext of the same meaning.
enum class Text { ascii, utf8 };
void check_xtext(std::string_view xtext, std::size_t longest, Text kind) {
    require(xtext.size() <= longest);
    const std::string text = grammar::smtp::decode_xtext(xtext);
    require(
        std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 127; }));
    const auto high = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
    require(kind == Text::utf8 || std::none_of(text.begin(), text.end(), high));
    require(grammar::smtp::decode_xtext(grammar::smtp::encode_xtext(text)) == text);
}

void check_original_recipient(std::string_view orcpt) {
    if (orcpt.empty()) return;
    require(orcpt.size() <= grammar::smtp::max_original_recipient);
    require(orcpt.find_first_of(" \t\r\n") == std::string_view::npos);
    const std::size_t end = orcpt.find(';');
    require(end != std::string_view::npos && end > 0 && end + 1 < orcpt.size());
    if (grammar::smtp::equals_ignoring_case(orcpt.substr(0, end), "utf-8")) return;
    check_xtext(orcpt.substr(end + 1), grammar::smtp::max_original_recipient, Text::utf8);
}

void check_line(std::string_view line) {
    require(line.find_first_of("\r\n") == std::string_view::npos);
    const grammar::smtp::CommandLine command = grammar::smtp::parse_command(line);
    switch (command.verb) {
        case Verb::mail: {
            const auto mail = grammar::smtp::parse_mail_args(command.argument);
            if (mail.error != grammar::smtp::ArgumentError::none) break;
            check_path(mail.path);
            check_xtext(mail.envelope_id, grammar::smtp::max_envelope_id, Text::ascii);
            require(mail.ret.empty() || mail.ret == "FULL" || mail.ret == "HDRS");
            break;
        }
        case Verb::rcpt: {
            const auto rcpt = grammar::smtp::parse_rcpt_args(command.argument);
            if (rcpt.error != grammar::smtp::ArgumentError::none) break;
            check_path(rcpt.path);
            check_original_recipient(rcpt.original_recipient);
            require((rcpt.notify & grammar::smtp::notify_never) == 0 || rcpt.notify == grammar::smtp::notify_never);
            break;
        }
        case Verb::helo:
        case Verb::ehlo: {
            const auto helo = grammar::smtp::parse_helo_domain(command.argument);
            require(!helo || grammar::smtp::parse_helo_domain(helo->text)->text == helo->text);
            break;
        }
        case Verb::bdat: {
            const auto chunk = grammar::smtp::parse_bdat_args(command.argument);
            if (!chunk) break;
            const auto again =
                grammar::smtp::parse_bdat_args(std::to_string(chunk->size) + (chunk->last ? " LAST" : ""));
            require(again && again->size == chunk->size && again->last == chunk->last);
            break;
        }
        default: break;
    }
    if (const auto reply = smtp::Reply::parse(line)) {
        const std::string printed = reply->print();
        require(printed.ends_with("\r\n") && smtp::Reply::parse(printed).has_value());
    }
}

void run(std::string_view bytes, smtp::BareNewline policy, std::size_t step) {
    smtp::CommandBuffer buffer(policy);
    while (!bytes.empty()) {
        const std::string_view piece = bytes.substr(0, step);
        bytes.remove_prefix(piece.size());
        const auto space = buffer.space();
        std::copy(piece.begin(), piece.end(), space.begin());
        buffer.filled(piece.size());
        for (auto input = buffer.next(); input.kind != smtp::CommandInput::Kind::need_more; input = buffer.next()) {
            if (input.kind == smtp::CommandInput::Kind::line) check_line(input.line);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    run(bytes, smtp::BareNewline::reject, 1 + size % 1500);
    run(bytes, smtp::BareNewline::normalize, 1 + size % 7);
    (void)smtp::parse_address(bytes);
    return 0;
}
