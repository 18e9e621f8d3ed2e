#include "engine/app/queue_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/source/utf8.hpp"
#include "engine/base/timestamp.hpp"
#include "engine/deliver/forward_target.hpp"

namespace sluice::app {

namespace {

using queue::Recipient;
using queue::RecipientState;

std::string_view state_name(RecipientState state) {
    switch (state) {
        case RecipientState::waiting: return "waiting";
        case RecipientState::deferred: return "deferred";
        case RecipientState::sent: return "sent";
        case RecipientState::failed: break;
    }
    return "failed";
}

// Texts came from clients and remote hosts: nothing of them may steer a terminal, and JSON wants UTF-8.
std::string safe(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto length = std::max<std::size_t>(dsl::utf8_sequence_length(text), 1);
        const auto piece = text.substr(0, length);
        const bool printable =
            dsl::utf8_sequence_length(text) != 0 && static_cast<unsigned char>(piece[0]) >= 0x20 && piece[0] != 0x7f;
        if (printable)
            out += piece;
        else if (piece == "\n")
            out += " / ";
        else
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(piece[0]));
        text.remove_prefix(length);
    }
    return out;
}

std::string span_text(std::chrono::seconds span) {
    const auto s = std::max<std::chrono::seconds::rep>(span.count(), 0);
    if (s < 120) return fmt::format("{}s", s);
    if (s < 2 * 3600) return fmt::format("{}m", s / 60);
    if (s < 48 * 3600) return fmt::format("{}h", s / 3600);
    return fmt::format("{}d", s / 86400);
}

std::chrono::seconds since(queue::TimePoint then, queue::TimePoint now) {
    return std::chrono::duration_cast<std::chrono::seconds>(now - then);
}

const Recipient* first_left(const queue::Envelope& envelope) {
    for (const Recipient& each : envelope.recipients)
        if (!each.done()) return &each;
    return envelope.recipients.empty() ? nullptr : &envelope.recipients.front();
}

}  // namespace

std::string list_line(const queue::StoredEnvelope& stored, queue::TimePoint now) {
    const auto& envelope = stored.envelope;
    const Recipient* const shown = first_left(envelope);
    std::string line = fmt::format("{}  {:<10}  {:>4}  <{}>  {}", envelope.id, queue::queue_name(stored.queue),
                                   span_text(since(envelope.received, now)), safe(envelope.reverse_path),
                                   shown ? "<" + safe(shown->address) + ">" : "-");
    if (envelope.recipients.size() > 1) line += fmt::format(" +{}", envelope.recipients.size() - 1);
    const auto& why = !envelope.hold_reason.empty()  ? envelope.hold_reason
                      : !envelope.quarantine.empty() ? envelope.quarantine
                      : shown                        ? shown->last_error
                                                     : envelope.hold_reason;
    if (!why.empty()) line += "  (" + safe(why) + ")";
    return line + "\n";
}

boost::json::object to_json(const queue::StoredEnvelope& stored) {
    const auto& envelope = stored.envelope;
    boost::json::array recipients;
    for (const Recipient& each : envelope.recipients)
        recipients.push_back(boost::json::object{{"address", safe(each.address)},
                                                 {"state", state_name(each.state)},
                                                 {"attempts", each.attempts},
                                                 {"next_attempt", timestamp(each.next_attempt)},
                                                 {"transport", safe(deliver::shown_method(each.transport))},
                                                 {"status", safe(each.status)},
                                                 {"last_error", safe(each.last_error)},
                                                 {"remote", safe(each.remote)}});
    return {{"id", envelope.id},
            {"queue", queue::queue_name(stored.queue)},
            {"received", timestamp(envelope.received)},
            {"from", safe(envelope.reverse_path)},
            {"client_ip", envelope.client_ip},
            {"helo", safe(envelope.helo)},
            {"server_name", safe(envelope.server_name)},
            {"type", envelope.transaction_type},
            {"tls", envelope.tls},
            {"user", safe(envelope.user)},
            {"quarantine", safe(envelope.quarantine)},
            {"hold_reason", safe(envelope.hold_reason)},
            {"next_stage", envelope.next_stage},
            {"recipients", std::move(recipients)}};
}

std::string details(const queue::StoredEnvelope& stored, queue::TimePoint now) {
    const auto& envelope = stored.envelope;
    std::string text;
    const auto field = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) text += fmt::format("{:<12} {}\n", name, safe(value));
    };
    field("id", envelope.id);
    field("queue", std::string(queue::queue_name(stored.queue)));
    field("received",
          fmt::format("{} ({} ago)", timestamp(envelope.received), span_text(since(envelope.received, now))));
    field("from", "<" + envelope.reverse_path + ">");
    field("client", envelope.client_ip + (envelope.helo.empty() ? "" : " (" + envelope.helo + ")"));
    field("server", envelope.server_name);
    field("type", envelope.transaction_type);
    field("tls", envelope.tls);
    field("user", envelope.user);
    field("quarantine", envelope.quarantine);
    field("hold reason", envelope.hold_reason);
    for (const Recipient& each : envelope.recipients) {
        field("to", fmt::format("<{}> {}, {} attempt(s){}", each.address, state_name(each.state), each.attempts,
                                each.done() || each.next_attempt <= now
                                    ? std::string()
                                    : ", next in " + span_text(-since(each.next_attempt, now))));
        field("  by", deliver::shown_method(each.transport));
        field("  said", each.last_error);
        field("  host", each.remote);
    }
    return text;
}

}  // namespace sluice::app
