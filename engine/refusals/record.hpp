// One refusal as it stands in the files of refusal_files.hpp: one line, one JSON object, UTF-8. Version 1 of the
// format:
//
//   v         1; readers skip lines of a later version
//   time      "2026-02-03T04:05:06.789Z"
//   session   id of the session, 12 characters
//   message   UUID, or null: before MAIL was accepted for the rules there is none
//   event     as in the server's log: "rule-decided", "rule-failed", or what the server refused by itself
//             ("relay-denied", "mail-refused", "rcpt-refused", "message-refused", "mail-loop", "store-failed",
//             "auth-failed", "tls-inbound-failed" …; engine/smtp/session_events.def)
//   client    "192.0.2.1:4711"
//   server    our end of the connection
//   helo      as sent, or null
//   tls       {version, cipher (IANA name), sni (or null)}, or null in clear text
//   user      who had authenticated, or null
//   from      reverse-path, "" for <>, or null before MAIL
//   rcpt      at RCPT the recipient that was refused; else those of the message, the first 20
//   rcpt_more how many others there were
//   stage, script, rule, at   of the rule: "rcpt", "filter.vsl", "no such user", "filter.vsl:12:5"; null: none decided
//   verdict   "deny", "failed" or "quarantine NAME"; null if the server refused by itself
//   reply     what the client was told, lines separated by LF; null: nothing, or that all is well (quarantine)
//   failure   why the rule failed, or what the server found; or null
//   facts     [[call, value] …]: what the rules of the stage run had asked of ctx::, as a script would write it
//
// Texts are cut at a limit ("…" stands at the end); bytes that are not UTF-8 are U+FFFD.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/filter/refusal.hpp"
#include "engine/smtp/observer.hpp"

namespace sluice::refusals {

constexpr int record_version = 1;

struct TlsOfRecord {
    std::string version;
    std::string cipher;
    std::optional<std::string> sni;

    friend bool operator==(const TlsOfRecord&, const TlsOfRecord&) = default;
};

struct FactOfRecord {
    std::string call;
    std::string value;

    friend bool operator==(const FactOfRecord&, const FactOfRecord&) = default;
};

// Empty texts are null in the file, except `from`.
struct Record {
    std::string time;
    std::string session;
    std::string message;
    std::string event;
    std::string client;
    std::string server;
    std::string helo;
    std::optional<TlsOfRecord> tls;
    std::string user;
    std::optional<std::string> from;
    std::vector<std::string> rcpt;
    std::uint64_t rcpt_more = 0;
    std::string stage;
    std::string script;
    std::string rule;
    std::string at;
    std::string verdict;
    std::string reply;
    std::string failure;
    std::vector<FactOfRecord> facts;

    friend bool operator==(const Record&, const Record&) = default;
};

using Time = std::chrono::system_clock::time_point;

// Bounded: at most limits::refusal_record octets once printed.
[[nodiscard]] Record record_of(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                               const filter::Refusal& refusal, Time now);
[[nodiscard]] Record record_of(const smtp::SessionFacts& session, const smtp::OwnRefusal& refusal, Time now);
// What a session-wide quarantine did to a message of that session, which no rule was asked about.
[[nodiscard]] Record record_of_quarantined(const smtp::SessionFacts& session, std::string_view message, Time now);

// With the line end.
[[nodiscard]] std::string print(const Record& record);

struct Parsed {
    enum class Kind : std::uint8_t { record, later_version, damaged } kind = Kind::damaged;
    Record record;
};
// One line without its end. Keys that are not known are ignored.
[[nodiscard]] Parsed parse(std::string_view line);

// `text` as it goes into a record: valid UTF-8 that JSON writes in at most `most` octets.
[[nodiscard]] std::string bounded(std::string_view text, std::size_t most);

}  // namespace sluice::refusals
