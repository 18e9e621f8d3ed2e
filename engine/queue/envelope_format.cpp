#include "engine/queue/envelope_format.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <vector>

namespace sluice::queue {

namespace {

namespace json = boost::json;

constexpr int kVersion = 2;
constexpr std::array<std::string_view, 4> kStates = {"waiting", "deferred", "sent", "failed"};

// Each member once, for the writer and the reader.
template <typename Each>
void recipient_members(Each& each, auto& recipient) {
    each.text("address", recipient.address);
    each.state("state", recipient.state);
    each.number("attempts", recipient.attempts);
    each.text("status", recipient.status);
    each.text("last_error", recipient.last_error);
    each.text("remote", recipient.remote);
    each.time("next_attempt", recipient.next_attempt);
    each.text("transport", recipient.transport);
    each.text("tls", recipient.tls);
    each.text("original_recipient", recipient.original_recipient);
    each.number("notify", recipient.notify);
    each.number("reported", recipient.reported);
}

template <typename Each>
void envelope_members(Each& each, auto& envelope) {
    each.text("id", envelope.id);
    each.text("reverse_path", envelope.reverse_path);
    each.time("received", envelope.received);
    each.text("client_ip", envelope.client_ip);
    each.text("helo", envelope.helo);
    each.text("server_name", envelope.server_name);
    each.text("transaction_type", envelope.transaction_type);
    each.text("tls", envelope.tls);
    each.text("quarantine", envelope.quarantine);
    each.text("hold_reason", envelope.hold_reason);
    each.text("user", envelope.user);
    each.text("envelope_id", envelope.envelope_id);
    each.text("ret", envelope.ret);
    each.flag("eight_bit", envelope.eight_bit);
    each.flag("smtputf8", envelope.smtputf8);
    each.flag("requiretls", envelope.requiretls);
    each.flag("tls_not_required", envelope.tls_not_required);
    each.text("binding", envelope.binding);
    each.text("delivery_tls", envelope.delivery_tls);
    each.text("next_stage", envelope.next_stage);
    each.text("facts", envelope.facts);
    each.flag("held_by_rules", envelope.held_by_rules);
}

std::int64_t seconds(TimePoint time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

// This runs for every message that is accepted: no document in between.
class Writer {
  public:
    explicit Writer(std::string& out) : out_(out) {}

    void text(std::string_view key, const std::string& value) {
        if (value.empty()) return;
        begin(key);
        out_ += '"';
        for (const char c : value) character(c);
        out_ += '"';
    }
    void number(std::string_view key, std::int64_t value) {
        if (value == 0) return;
        begin(key);
        fmt::format_to(std::back_inserter(out_), "{}", value);
    }
    void time(std::string_view key, TimePoint value) { number(key, seconds(value)); }
    void flag(std::string_view key, bool value) {
        if (value) begin(key), out_ += "true";
    }
    void state(std::string_view key, RecipientState value) {
        if (value != RecipientState::waiting) text(key, std::string(kStates[static_cast<std::size_t>(value)]));
    }

  private:
    void begin(std::string_view key) {
        if (out_.back() != '{') out_ += ',';
        out_ += '"';
        out_ += key;
        out_ += "\":";
    }
    void character(char c) {
        if (c == '"' || c == '\\') out_ += '\\';
        if (static_cast<unsigned char>(c) < 0x20)
            fmt::format_to(std::back_inserter(out_), "\\u{:04x}", static_cast<unsigned char>(c));
        else
            out_ += c;
    }

    std::string& out_;
};

// Remembers the first member that has another type.
class Reader {
  public:
    Reader(const json::object& object, std::string& wrong) : object_(object), wrong_(wrong) {}

    void text(std::string_view key, std::string& into) {
        const auto* value = object_.if_contains(key);
        if (!value) return;
        if (const auto* text = value->if_string()) {
            into.assign(text->data(), text->size());
        } else {
            miss(key);
        }
    }
    template <typename Number>
    void number(std::string_view key, Number& into) {
        const auto* value = object_.if_contains(key);
        if (!value) return;
        if (value->is_int64()) {
            into = static_cast<Number>(value->get_int64());
        } else {
            miss(key);
        }
    }
    void time(std::string_view key, TimePoint& into) {
        std::int64_t value = 0;
        number(key, value);
        into = TimePoint(std::chrono::seconds(value));
    }
    void flag(std::string_view key, bool& into) {
        const auto* value = object_.if_contains(key);
        if (!value) return;
        if (value->is_bool()) {
            into = value->get_bool();
        } else {
            miss(key);
        }
    }
    void state(std::string_view key, RecipientState& into) {
        std::string name(kStates[0]);
        text(key, name);
        for (std::size_t i = 0; i < kStates.size(); ++i) {
            if (kStates[i] != name) continue;
            into = static_cast<RecipientState>(i);
            return;
        }
        miss(key);
    }

  private:
    void miss(std::string_view key) {
        if (wrong_.empty()) wrong_ = key;
    }

    const json::object& object_;
    std::string& wrong_;
};

bool read_recipients(const json::object& object, Envelope& envelope, std::string& wrong) {
    const auto* value = object.if_contains("recipients");
    if (!value || !value->is_array()) return false;
    for (const auto& each : value->get_array()) {
        if (!each.is_object()) return false;
        Reader reader(each.get_object(), wrong);
        recipient_members(reader, envelope.recipients.emplace_back());
    }
    return true;
}

}  // namespace

std::string encode_envelope(const Envelope& envelope, Queue queue) {
    std::string out;
    out.reserve(512 + 128 * envelope.recipients.size());
    out += "{";
    Writer writer(out);
    writer.number("version", kVersion);
    writer.text("queue", std::string(queue_name(queue)));
    envelope_members(writer, envelope);
    out += ",\"recipients\":[";
    for (std::size_t i = 0; i < envelope.recipients.size(); ++i) {
        out += i == 0 ? "{" : ",{";
        recipient_members(writer, envelope.recipients[i]);
        out += "}";
    }
    return out += "]}\n";
}

DecodedEnvelope decode_envelope(std::string_view line) {
    json::parse_options options;
    options.allow_invalid_utf8 = true;  // addresses may hold any bytes
    boost::system::error_code failed;
    const json::value value = json::parse({line.data(), line.size()}, failed, {}, options);
    if (failed) return {{}, {}, "the envelope is no JSON: " + failed.message()};
    const auto* object = value.if_object();
    if (!object) return {{}, {}, "the envelope is no JSON object"};
    std::string wrong;
    Reader reader(*object, wrong);
    int version = 0;
    reader.number("version", version);
    if (version != kVersion) return {{}, {}, fmt::format("version {} of the envelope is not known", version)};
    Envelope envelope;
    envelope_members(reader, envelope);
    if (!read_recipients(*object, envelope, wrong)) return {{}, {}, "the envelope has no list of recipients"};
    std::string name;
    reader.text("queue", name);
    const auto queue = queue_of_name(name);
    if (!queue) return {{}, {}, "the envelope names no queue"};
    if (!wrong.empty()) return {{}, {}, fmt::format("the envelope's member '{}' has a wrong value", wrong)};
    return {std::move(envelope), *queue, {}};
}

}  // namespace sluice::queue
