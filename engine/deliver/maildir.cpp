#include "engine/deliver/maildir.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <system_error>
#include <vector>

#include "engine/deliver/local_message.hpp"
#include "engine/io/durable_file.hpp"

namespace sluice::deliver {

namespace {

namespace fs = std::filesystem;

std::uint64_t fnv1a(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return hash;
}

Outcome failure(const fs::path& path, std::error_code failed) {
    return Outcome::temporary(fmt::format("4.2.0 cannot write to mailbox {}: {}", path.string(), failed.message()));
}

std::error_code make_maildir(const fs::path& maildir) {
    for (const char* name : {"tmp", "new", "cur"}) {
        if (const std::error_code failed = io::make_directories(maildir / name)) return failed;
    }
    return {};
}

// A reader moved it from new/ to cur/ and added flags behind ":2,".
bool is_in_cur(const fs::path& maildir, const std::string& name) {
    std::error_code failed;
    for (fs::directory_iterator at(maildir / "cur", failed), end; !failed && at != end; at.increment(failed)) {
        const std::string entry = at->path().filename().string();
        if (entry == name || entry.starts_with(name + ":")) return true;
    }
    return false;
}

}  // namespace

std::string Maildir::file_name(const queue::Envelope& envelope, const queue::Recipient& recipient) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(envelope.received.time_since_epoch()).count();
    return fmt::format("{}.{}.{:016x}.sluice", seconds, envelope.id, fnv1a(recipient.address));
}

Outcome Maildir::deliver(const Attempt& attempt) {
    const MailboxAddress address = split_address(attempt.recipient.address);
    const std::optional<fs::path> maildir = path_.expand(address);
    if (!maildir)
        return Outcome::permanent("5.1.1 the mailbox name is too long: " + one_line(attempt.recipient.address));
    if (const std::error_code failed = make_maildir(*maildir)) return failure(*maildir, failed);
    const std::string name = file_name(attempt.envelope, attempt.recipient);
    if (attempt.maybe_repeated && is_in_cur(*maildir, name)) return Outcome::delivered();
    const std::string top = trace_fields(attempt.envelope, attempt.recipient);
    const std::string body = with_local_line_ends(attempt.prefix) + with_local_line_ends(attempt.body);
    const std::array<std::string_view, 2> parts = {top, body};
    if (const std::error_code failed = io::replace_file(*maildir / "new" / name, *maildir / "tmp" / name, parts)) {
        return failure(*maildir, failed);
    }
    return Outcome::delivered();
}

}  // namespace sluice::deliver
