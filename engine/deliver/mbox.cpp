#include "engine/deliver/mbox.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <optional>
#include <system_error>

#include "engine/deliver/local_message.hpp"
#include "engine/io/durable_file.hpp"

namespace sluice::deliver {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFrom = "From ";

// RFC 3463: mailbox full, system full, other.
std::string_view status_of(const std::error_code& error) {
    if (error.value() == EDQUOT || error.value() == EFBIG) return "4.2.2";
    return error.value() == ENOSPC ? "4.3.1" : "4.2.0";
}

Outcome failure(const fs::path& path, const std::error_code& error, const std::string& text) {
    return Outcome::temporary(fmt::format("{} cannot write to mailbox {}: {}", status_of(error), path.string(), text));
}

// `text` is at the beginning of a line.
bool needs_quote(std::string_view text) {
    const std::size_t marks = text.find_first_not_of('>');
    return marks != std::string_view::npos && text.substr(marks).starts_with(kFrom);
}

// What another program or a crash left without an end must not swallow the line that separates messages.
std::string_view end_of_last_message(const io::SharedFile& mailbox) {
    if (mailbox.size() == 0 || mailbox.last_octets() == "\n\n") return "";
    return mailbox.last_octets().ends_with('\n') ? "\n" : "\n\n";
}

}  // namespace

std::string Mbox::from_line(const queue::Envelope& envelope) {
    std::string sender = envelope.reverse_path.empty() ? "MAILER-DAEMON" : envelope.reverse_path;
    for (char& c : sender) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet <= ' ' || octet == 0x7f) c = '-';  // or the date would begin there
    }
    const std::time_t received = std::chrono::system_clock::to_time_t(envelope.received);
    return fmt::format("{}{} {:%a %b %e %H:%M:%S %Y}\n", kFrom, sender, fmt::gmtime(received));
}

std::string Mbox::quoted(std::string text) {
    std::string out;
    std::size_t copied = 0;
    for (std::size_t line = 0; line < text.size();) {
        if (needs_quote(std::string_view(text).substr(line))) {
            out.append(text, copied, line - copied) += '>';
            copied = line;
        }
        const std::size_t end = text.find('\n', line);
        line = end == std::string::npos ? text.size() : end + 1;
    }
    if (copied == 0 && out.empty()) return text;
    return out.append(text, copied);
}

Outcome Mbox::deliver(const Attempt& attempt) {
    const std::optional<fs::path> path = path_.expand(split_address(attempt.recipient.address));
    if (!path || path->filename().native().size() + io::kDotLockSuffix.size() > NAME_MAX)
        return Outcome::permanent("5.1.1 the mailbox name is too long: " + one_line(attempt.recipient.address));
    // It would be the lock of another mailbox, and removed when it is stale.
    if (path->filename().native().ends_with(io::kDotLockSuffix))
        return Outcome::permanent("5.1.1 no mailbox has a name that ends in .lock: " +
                                  one_line(attempt.recipient.address));
    if (const std::error_code failed = io::make_directories(path->parent_path()))
        return failure(*path, failed, failed.message());
    io::SharedFile mailbox;
    if (const auto trouble = mailbox.open(*path, patience_)) return failure(*path, trouble->error, trouble->text);

    const std::string top = fmt::format("{}{}{}", end_of_last_message(mailbox), from_line(attempt.envelope),
                                        trace_fields(attempt.envelope, attempt.recipient));
    const std::string text = quoted(with_local_line_ends(attempt.prefix) + with_local_line_ends(attempt.body));
    const std::array<std::string_view, 3> parts = {top, text, text.ends_with('\n') ? "\n" : "\n\n"};
    const auto appended = mailbox.append(parts);
    if (!appended.failed) return Outcome::delivered();
    return failure(
        *path, appended.failed,
        appended.failed.message() + (appended.taken_back ? "" : "; a part of the message could not be taken back"));
}

}  // namespace sluice::deliver
