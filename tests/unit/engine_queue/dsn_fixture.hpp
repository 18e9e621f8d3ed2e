// A message, what became of it, and the report about it taken apart with our own MIME walk; for dsn_*_test.cpp.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/mail/mime.hpp"
#include "engine/queue/dsn.hpp"

namespace sluice::queue {

inline constexpr std::string_view kOriginal =
    "Received: from a.test\r\n\tby b.test; x\r\nSubject: =?utf-8?q?Caf=C3=A9?= tonight\r\nFrom: me@sender.test\r\n"
    "\r\nhello\r\n.\r\n--x\r\n";
inline constexpr std::string_view kOriginalHeader =
    "Received: from a.test\r\n\tby b.test; x\r\nSubject: =?utf-8?q?Caf=C3=A9?= tonight\r\nFrom: me@sender.test\r\n";

inline TimePoint at_second(std::int64_t second) { return TimePoint(std::chrono::seconds(second)); }

inline Recipient failed_recipient(std::string address = "joe@remote.test") {
    Recipient recipient;
    recipient.address = std::move(address);
    recipient.state = RecipientState::failed;
    recipient.attempts = 1;
    recipient.status = "5.1.1";
    recipient.last_error = "550 5.1.1 User unknown";
    recipient.remote = "mx.remote.test [192.0.2.1]";
    return recipient;
}

// Everything that a report depends on, to be changed by a test before report().
struct DsnCase {
    Envelope envelope;
    std::string text{kOriginal};
    std::vector<Recipient> recipients{failed_recipient()};
    std::vector<DsnAction> actions{DsnAction::failed};
    DsnOrigin origin;

    DsnCase() {
        envelope.id = "11111111-2222-4333-8444-555555555555";
        envelope.reverse_path = "me@sender.test";
        envelope.received = at_second(0);
        envelope.server_name = "mx.example.com";
        origin.server_name = "mx.example.com";
        origin.now = at_second(86'400);
        origin.expires = at_second(432'000);
    }

    [[nodiscard]] Message report() const {
        std::vector<DsnRecipient> told;
        for (std::size_t i = 0; i < recipients.size(); ++i) told.push_back({&recipients[i], actions[i]});
        return make_dsn(envelope, text, told, origin);
    }
};

// The three parts, taken apart by the MIME walk; message/rfc822 is not walked into here.
struct ParsedDsn {
    explicit ParsedDsn(const Message& report) : mime(mail::parts(mail::Message(report.body))), header(report.body) {
        EXPECT_EQ(mime.parts.front().content_type, "multipart/report");
        for (const mail::Part& part : mime.parts) {
            EXPECT_FALSE(part.malformed);
            if (part.depth == 1) children.push_back(&part);
        }
        EXPECT_EQ(children.size(), 3u);
    }
    [[nodiscard]] std::string type(std::size_t child) const { return children.at(child)->content_type; }
    [[nodiscard]] std::string text(std::size_t child) const {
        const mail::Part& part = *children.at(child);
        const bool leaf = part.encoding == mail::TransferEncoding::quoted_printable;
        return leaf ? mail::decode(mime, part, 1 << 24).bytes : std::string(mime.body(part));
    }
    [[nodiscard]] std::string field(std::string_view name) const { return unfolded(header, name); }
    // Of the n-th block of the status part: 0 about the message, 1 about the first recipient …; "-": not there.
    [[nodiscard]] std::string status(std::size_t block, std::string_view name) const {
        std::string rest = text(1);
        for (; block > 0; --block) {
            const std::size_t end = rest.find("\r\n\r\n");
            if (end == std::string::npos) return "no such block";
            rest.erase(0, end + 4);
        }
        rest.resize(std::min(rest.find("\r\n\r\n"), rest.size()));
        return unfolded(mail::HeaderFields(std::make_shared<const std::string>(rest)), name);
    }

    mail::MimeParts mime;
    mail::HeaderFields header;
    std::vector<const mail::Part*> children;

  private:
    static std::string unfolded(const mail::HeaderFields& fields, std::string_view name) {
        if (fields.count(name) != 1) return fields.count(name) == 0 ? "-" : "twice";
        std::string value(*fields.first(name));
        for (std::size_t at; (at = value.find("\r\n")) != std::string::npos;) value.erase(at, 2);
        return value;
    }
};

}  // namespace sluice::queue
