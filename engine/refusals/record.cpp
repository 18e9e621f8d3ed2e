#include "engine/refusals/record.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <boost/json.hpp>
#include <chrono>
#include <iterator>

#include "dsl/source/utf8.hpp"
#include "engine/base/limits.hpp"
#include "engine/base/timestamp.hpp"
#include "engine/net/bind.hpp"

namespace sluice::refusals {

namespace json = boost::json;

namespace {

constexpr std::string_view ellipsis = "…";

std::string text(std::string_view given) { return bounded(given, limits::refusal_text); }

std::string reply_text(const smtp::Reply& reply) {
    auto printed = reply.print();
    std::erase(printed, '\r');
    if (printed.ends_with('\n')) printed.pop_back();
    return bounded(printed, limits::refusal_long_text);
}

std::string verdict_text(const smtp::Verdict& verdict) {
    if (verdict.kind == smtp::VerdictKind::quarantine) return text("quarantine " + verdict.quarantine);
    return verdict.kind == smtp::VerdictKind::failed ? "failed" : "deny";
}

Record begin(const smtp::SessionFacts& session, Time now) {
    Record record;
    record.time = timestamp(now);
    record.session = session.id.to_string();
    record.client = net::to_string(session.client);
    record.server = net::to_string(session.server);
    record.helo = text(session.helo_text.empty() ? session.helo : session.helo_text);
    if (session.tls) {
        auto& tls = record.tls.emplace(TlsOfRecord{text(session.tls->version), text(session.tls->cipher_std), {}});
        if (session.tls->sni) tls.sni = text(*session.tls->sni);
    }
    if (session.authenticated_as) record.user = text(*session.authenticated_as);
    return record;
}

// At RCPT those of that command, else all.
void add_envelope(Record& record, const smtp::Transaction& transaction) {
    if (!transaction.id.is_nil()) record.message = transaction.id.to_string();
    record.from = text(transaction.reverse_path.text);
    for (const auto& recipient : transaction.recipients) {
        if (transaction.rcpt_command != 0 && recipient.command != transaction.rcpt_command) continue;
        if (record.rcpt.size() < limits::refusal_recipients)
            record.rcpt.push_back(text(recipient.address.text));
        else
            ++record.rcpt_more;
    }
}

// The octets by which JSON writes one of these; nullptr: it stands for itself.
const char* escape_of(unsigned char c) {
    static constexpr const char* controls[] = {
        "\\u0000", "\\u0001", "\\u0002", "\\u0003", "\\u0004", "\\u0005", "\\u0006", "\\u0007",
        "\\b",     "\\t",     "\\n",     "\\u000b", "\\f",     "\\r",     "\\u000e", "\\u000f",
        "\\u0010", "\\u0011", "\\u0012", "\\u0013", "\\u0014", "\\u0015", "\\u0016", "\\u0017",
        "\\u0018", "\\u0019", "\\u001a", "\\u001b", "\\u001c", "\\u001d", "\\u001e", "\\u001f"};
    if (c < std::size(controls)) return controls[c];
    return c == '"' ? "\\\"" : c == '\\' ? "\\\\" : nullptr;
}

void append_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t plain = 0;  // from where on nothing is written yet
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto* escape = escape_of(static_cast<unsigned char>(text[i]));
        if (!escape) continue;
        out += text.substr(plain, i - plain);
        out += escape;
        plain = i + 1;
    }
    out += text.substr(plain);
    out += '"';
}

void append_member(std::string& out, std::string_view key, const std::string* text) {
    out += ",\"";
    out += key;
    out += "\":";
    if (text)
        append_string(out, *text);
    else
        out += "null";
}

void append_or_null(std::string& out, std::string_view key, const std::string& text) {
    append_member(out, key, text.empty() ? nullptr : &text);
}

void append_tls(std::string& out, const std::optional<TlsOfRecord>& tls) {
    out += ",\"tls\":";
    if (!tls) {
        out += "null";
        return;
    }
    out += "{\"version\":";
    append_string(out, tls->version);
    append_member(out, "cipher", &tls->cipher);
    append_or_null(out, "sni", tls->sni.value_or(""));
    out += '}';
}

template <class List, class Append>
void append_list(std::string& out, std::string_view key, const List& list, const Append& append) {
    out += ",\"";
    out += key;
    out += "\":[";
    for (const auto& each : list) {
        if (&each != &list.front()) out += ',';
        append(each);
    }
    out += ']';
}

std::string string_of(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    const auto* found = value ? value->if_string() : nullptr;
    return found ? std::string(*found) : std::string();
}

void read_tls(const json::object& object, Record& record) {
    const auto* value = object.if_contains("tls");
    const auto* tls = value ? value->if_object() : nullptr;
    if (!tls) return;
    record.tls = TlsOfRecord{string_of(*tls, "version"), string_of(*tls, "cipher"), {}};
    if (const auto* sni = tls->if_contains("sni"); sni && sni->is_string()) record.tls->sni = string_of(*tls, "sni");
}

void read_lists(const json::object& object, Record& record) {
    if (const auto* rcpt = object.if_contains("rcpt"); rcpt && rcpt->is_array())
        for (const auto& each : rcpt->get_array())
            if (each.is_string()) record.rcpt.emplace_back(each.get_string());
    if (const auto* more = object.if_contains("rcpt_more"); more && more->is_int64())
        record.rcpt_more = static_cast<std::uint64_t>(std::max<std::int64_t>(more->get_int64(), 0));
    const auto* facts = object.if_contains("facts");
    if (!facts || !facts->is_array()) return;
    for (const auto& each : facts->get_array()) {
        const auto* pair = each.if_array();
        if (!pair || pair->size() != 2 || !(*pair)[0].is_string() || !(*pair)[1].is_string()) continue;
        record.facts.push_back({std::string((*pair)[0].get_string()), std::string((*pair)[1].get_string())});
    }
}

// JSON writes it in one octet, and it is a character by itself.
bool is_ordinary(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

struct NamedText {
    std::string_view key;
    std::string Record::*text;
};

// In the order of the file, around tls, from, rcpt and facts.
constexpr NamedText before_tls[] = {{"time", &Record::time},       {"session", &Record::session},
                                    {"message", &Record::message}, {"event", &Record::event},
                                    {"client", &Record::client},   {"server", &Record::server},
                                    {"helo", &Record::helo}};
constexpr NamedText behind_rcpt[] = {
    {"stage", &Record::stage},     {"script", &Record::script}, {"rule", &Record::rule},      {"at", &Record::at},
    {"verdict", &Record::verdict}, {"reply", &Record::reply},   {"failure", &Record::failure}};

}  // namespace

std::string bounded(std::string_view given, std::size_t most) {
    if (given.size() <= most && std::all_of(given.begin(), given.end(), is_ordinary)) return std::string(given);
    std::string out;
    std::size_t written = 0;
    std::size_t fitting = 0;  // octets of `out` behind which the ellipsis still fits
    while (!given.empty()) {
        const auto length = dsl::utf8_sequence_length(given);
        const auto piece = length == 0 ? std::string_view("\xEF\xBF\xBD") : given.substr(0, length);
        const auto first = static_cast<unsigned char>(piece.front());
        // JSON writes control characters as \u001f, and these two with a backslash.
        const std::size_t cost = first < 0x20 ? 6 : first == '"' || first == '\\' ? 2 : piece.size();
        if (written + cost > most) {
            out.resize(fitting);
            return out += ellipsis;
        }
        out += piece;
        written += cost;
        if (written + ellipsis.size() <= most) fitting = out.size();
        given.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

Record record_of(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                 const filter::Refusal& refusal, Time now) {
    auto record = begin(session, now);
    if (transaction) add_envelope(record, *transaction);
    record.event = refusal.verdict.kind == smtp::VerdictKind::failed ? "rule-failed" : "rule-decided";
    record.stage = smtp::to_string(refusal.stage);
    record.script = text(refusal.script);
    record.rule = text(refusal.rule);
    record.at = text(refusal.place);
    record.verdict = verdict_text(refusal.verdict);
    if (refusal.reply) record.reply = reply_text(*refusal.reply);
    record.failure = bounded(refusal.failure, limits::refusal_long_text);
    for (const auto& fact : refusal.facts) {
        if (record.facts.size() == limits::refusal_facts) break;
        record.facts.push_back({text(fact.call), text(fact.result)});
    }
    return record;
}

Record record_of(const smtp::SessionFacts& session, const smtp::OwnRefusal& refusal, Time now) {
    auto record = begin(session, now);
    if (refusal.transaction) add_envelope(record, *refusal.transaction);
    if (!refusal.recipient.empty()) {
        record.rcpt = {text(refusal.recipient)};
        record.rcpt_more = 0;
    }
    record.event = smtp::to_string(refusal.event);
    if (refusal.reply) record.reply = reply_text(*refusal.reply);
    record.failure = bounded(refusal.detail, limits::refusal_long_text);
    return record;
}

Record record_of_quarantined(const smtp::SessionFacts& session, std::string_view message, Time now) {
    auto record = begin(session, now);
    record.message = text(message);
    record.event = smtp::to_string(smtp::SessionEvent::message_stored);
    record.stage = smtp::to_string(session.skip.since);
    record.verdict = text("quarantine " + session.skip.quarantine);
    return record;
}

// By hand: a tree of JSON values for each would cost as much as all else that is done for a refusal.
std::string print(const Record& record) {
    std::string out;
    out.reserve(1024);
    fmt::format_to(std::back_inserter(out), "{{\"v\":{}", record_version);
    for (const auto& each : before_tls) append_or_null(out, each.key, record.*each.text);
    append_tls(out, record.tls);
    append_or_null(out, "user", record.user);
    append_member(out, "from", record.from ? &*record.from : nullptr);
    append_list(out, "rcpt", record.rcpt, [&](const std::string& each) { append_string(out, each); });
    fmt::format_to(std::back_inserter(out), ",\"rcpt_more\":{}", record.rcpt_more);
    for (const auto& each : behind_rcpt) append_or_null(out, each.key, record.*each.text);
    append_list(out, "facts", record.facts, [&](const FactOfRecord& fact) {
        out += '[';
        append_string(out, fact.call);
        out += ',';
        append_string(out, fact.value);
        out += ']';
    });
    return out += "}\n";
}

Parsed parse(std::string_view line) {
    boost::system::error_code failed;
    const auto value = json::parse(line, failed);
    const auto* object = failed ? nullptr : value.if_object();
    const auto* version = object ? object->if_contains("v") : nullptr;
    if (!version || !version->is_int64()) return {};
    if (version->get_int64() > record_version) return {Parsed::Kind::later_version, {}};
    Parsed parsed{Parsed::Kind::record, {}};
    auto& record = parsed.record;
    for (const auto& each : before_tls) record.*each.text = string_of(*object, each.key);
    read_tls(*object, record);
    record.user = string_of(*object, "user");
    if (const auto* from = object->if_contains("from"); from && from->is_string())
        record.from = string_of(*object, "from");
    read_lists(*object, record);
    for (const auto& each : behind_rcpt) record.*each.text = string_of(*object, each.key);
    if (record.session.empty() || record.time.empty()) return {};
    return parsed;
}

}  // namespace sluice::refusals
