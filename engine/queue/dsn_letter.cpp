#include "engine/queue/dsn_letter.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/limits.hpp"
#include "engine/base/timestamp.hpp"
#include "engine/queue/dsn_fields.hpp"
#include "engine/queue/dsn_quoting.hpp"

namespace sluice::queue::dsn {
namespace {

constexpr std::size_t kWidth = 76;
constexpr std::size_t kSubject = 200;
constexpr std::size_t kSubjectAddress = 100;

// What to do after a failure, by subject and detail of the status code (RFC 3463 3); the first row that begins the code
// counts.
struct Advice {
    std::string_view code;
    std::string_view text;
};
constexpr Advice kAdvice[] = {
    {"1.1",
     "This address does not exist there. Look for a typing mistake, or ask the recipient for the right address."},
    {"1.2", "The part of the address behind the @ does not exist. Look for a typing mistake in it."},
    {"1.6", "The recipient has moved. Ask for the new address."},
    {"1.7", "The other side objects to your own address. Tell the people who run your mail about it."},
    {"1.8", "The other side objects to your own address. Tell the people who run your mail about it."},
    {"1.10", "This domain takes no mail. Ask the recipient for another address."},
    {"1.", "Look for a typing mistake in the address, or ask the recipient for the right one."},
    {"2.1", "This mailbox is closed at present. Try to reach the recipient some other way."},
    {"2.2", "The mailbox is full. Tell the recipient, and send the message again when there is room."},
    {"2.3", "The message is too large for this recipient. Send less, or fewer attachments at a time."},
    {"3.4", "The message is too large for the other side. Send less, or fewer attachments at a time."},
    {"4.6", "The message went round in circles. The people who run the recipient's mail have to mend that."},
    {"4.7",
     "It was tried for as long as we try; what came of it last stands above. Send the message again later; if that "
     "fails too, tell the recipient."},
    {"4.", "The other side could not be reached. Send the message again later; if that fails too, tell the recipient."},
    {"6.7", "The other side cannot take addresses with letters outside a-z. Ask the recipient for another address."},
    {"6.", "The other side cannot take a message of this kind. Send it in another form, such as plain text."},
    {"7.",
     "The other side refuses this message by its rules. Its reason stands above; tell the recipient, or the people "
     "who run your mail."},
    {"", "If the reason above does not help, send this report to the people who run your mail."},
};

std::string_view advice_for(std::string_view status) {
    const std::string_view code = status.substr(std::min<std::size_t>(2, status.size()));
    const auto* const row = std::find_if(std::begin(kAdvice), std::end(kAdvice), [&](const Advice& advice) {
        if (advice.code.empty() || advice.code.ends_with('.')) return code.starts_with(advice.code);
        return code == advice.code;
    });
    return row->text;
}

// `text` in lines of at most kWidth octets where its words allow that, each behind `indent`.
std::string wrapped(std::string_view text, std::string_view indent) {
    std::string out;
    std::string line;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && indent.size() + line.size() + 1 + word.size() > kWidth) {
            out += fmt::format("{}{}\r\n", indent, line);
            line.clear();
        }
        if (!line.empty()) line += ' ';
        line += word;
    }
    if (!line.empty()) out += fmt::format("{}{}\r\n", indent, line);
    return out;
}

// The lines of a reply stay lines.
std::string quoted_reply(std::string_view reply) {
    const bool cut = reply.size() > limits::dsn_reply;
    std::string out;
    for (std::string_view rest = beginning(reply, limits::dsn_reply); !rest.empty();) {
        const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
        out += wrapped(one_line(rest.substr(0, end), limits::dsn_reply, Charset::utf8), "        ");
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return cut ? out + "        ...\r\n" : out;
}

std::string shown_address(std::string_view address) { return one_line(address, limits::dsn_address, Charset::utf8); }

std::string_view what_happened(DsnAction action, bool single) {
    switch (action) {
        case DsnAction::failed:
            return single ? "It could not be delivered to this recipient, and will not be tried again:"
                          : "It could not be delivered to these recipients, and will not be tried again:";
        case DsnAction::delayed:
            return single ? "It could not be delivered to this recipient yet:"
                          : "It could not be delivered to these recipients yet:";
        case DsnAction::delivered:
            return single ? "It was delivered to this recipient:" : "It was delivered to these recipients:";
        case DsnAction::relayed: break;
    }
    return single ? "It was passed on towards this recipient:" : "It was passed on towards these recipients:";
}

std::string story(const DsnRecipient& told) {
    const Recipient& recipient = *told.recipient;
    const std::string address = shown_address(recipient.address);
    std::string out = wrapped(address, "    ");
    const std::string written = shown_address(original_recipient(recipient).address);
    if (!written.empty() && written != address) out += wrapped("(you wrote to " + written + ")", "    ");
    const Said said = said_of(told);
    if (!said.text.empty()) {
        const std::string remote = one_line(recipient.remote, limits::dsn_address, Charset::utf8);
        out += "\r\n";
        out += wrapped(remote.empty()  ? "The reason:"
                       : said.is_reply ? fmt::format("The mail server {} said:", remote)
                                       : fmt::format("What happened with the mail server {}:", remote),
                       "      ");
        out += quoted_reply(said.text);
    }
    if (told.action == DsnAction::failed) {
        out += "\r\n";
        out += wrapped(fmt::format("What you can do: {}", advice_for(status_of(told))), "      ");
    }
    return out + "\r\n";
}

std::string closing(DsnAction action, const DsnOrigin& origin) {
    switch (action) {
        case DsnAction::delayed: {
            const std::string until =
                origin.expires == TimePoint{} ? "" : fmt::format(" until {}", rfc5322_date(origin.expires));
            return wrapped(fmt::format("You need not do anything: delivery is tried again and again{}. Please do not "
                                       "send the message a second time. You are told if it fails in the end.",
                                       until),
                           "") +
                   "\r\n";
        }
        case DsnAction::relayed:
            return wrapped(
                       "The mail server there does not report whether it delivers messages, so this may be the "
                       "last that you hear about it.",
                       "") +
                   "\r\n";
        case DsnAction::failed:
        case DsnAction::delivered: break;
    }
    return {};
}

std::string section(DsnAction action, std::span<const DsnRecipient> recipients, const DsnOrigin& origin) {
    std::string out;
    std::size_t count = 0;
    for (const DsnRecipient& told : recipients) {
        if (told.action != action) continue;
        out += story(told);
        ++count;
    }
    if (count == 0) return {};
    return wrapped(what_happened(action, count == 1), "") + "\r\n" + out + closing(action, origin);
}

std::string_view enclosed(Quoted quoted) {
    switch (quoted) {
        case Quoted::whole: return "Your message is enclosed.";
        case Quoted::header: return "The header of your message is enclosed.";
        case Quoted::beginning_of_header: break;
    }
    return "The beginning of the header of your message is enclosed.";
}

// Nothing that a mail program would take for something else than an address.
bool fits_in_subject(std::string_view address, bool utf8) {
    const bool plain = std::all_of(address.begin(), address.end(), [](char c) {
        return static_cast<unsigned char>(c) > ' ' && c != 127 && c != '"' && c != '\\';
    });
    return plain && !address.empty() && address.size() <= kSubjectAddress &&
           address.find("=?") == std::string_view::npos && (is_ascii(address) || (utf8 && is_international(address)));
}

}  // namespace

std::string letter(const Envelope& original, std::string_view subject, std::span<const DsnRecipient> recipients,
                   const DsnOrigin& origin, Quoted quoted) {
    const std::string about = one_line(subject, kSubject, Charset::utf8);
    std::string out = wrapped(fmt::format("This is the mail server {}. It tells you what became of the message that "
                                          "you sent, or that was sent in your name, on {}{}",
                                          shown_address(origin.server_name), rfc5322_date(original.received),
                                          about.empty() ? "." : ", with the subject:"),
                              "");
    out += "\r\n";
    if (!about.empty()) out += wrapped(about, "    ") + "\r\n";
    for (const DsnAction action : {DsnAction::failed, DsnAction::delayed, DsnAction::relayed, DsnAction::delivered}) {
        out += section(action, recipients, origin);
    }
    out += wrapped(fmt::format("{} If you ask somebody about it, mention the number {}.", enclosed(quoted),
                               one_line(original.id, limits::dsn_address, Charset::utf8)),
                   "");
    return out;
}

std::string report_subject(std::span<const DsnRecipient> recipients, bool utf8) {
    DsnAction gravest = DsnAction::delivered;
    for (const DsnAction action : {DsnAction::relayed, DsnAction::delayed, DsnAction::failed}) {
        const bool any = std::any_of(recipients.begin(), recipients.end(),
                                     [&](const DsnRecipient& told) { return told.action == action; });
        if (any) gravest = action;
    }
    std::size_t count = 0;
    std::string to;
    for (const DsnRecipient& told : recipients) {
        if (told.action != gravest) continue;
        ++count;
        const OriginalRecipient original = original_recipient(*told.recipient);
        to = original.address.empty() ? told.recipient->address : original.address;
    }
    if (count != 1) {
        to = fmt::format("{} recipients", count);
    } else if (!fits_in_subject(to, utf8)) {
        to = "a recipient";
    }
    switch (gravest) {
        case DsnAction::failed: return "Failed: your message to " + to;
        case DsnAction::delayed: return "Delayed: your message to " + to;
        case DsnAction::relayed: return "Passed on: your message to " + to;
        case DsnAction::delivered: break;
    }
    return "Delivered: your message to " + to;
}

}  // namespace sluice::queue::dsn
