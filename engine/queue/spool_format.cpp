#include "engine/queue/spool_format.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/crc.hpp>
#include <boost/json.hpp>
#include <charconv>
#include <vector>

namespace sluice::queue {

namespace {

namespace json = boost::json;

constexpr int kVersion = 1;
constexpr std::array<std::string_view, 4> kStates = {"waiting", "deferred", "sent", "failed"};

std::int64_t seconds(TimePoint time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

TimePoint time_of(std::int64_t seconds) { return TimePoint(std::chrono::seconds(seconds)); }

json::object encode_recipient(const Recipient& recipient) {
    json::object object;
    object["address"] = recipient.address;
    if (!recipient.transport.empty()) object["transport"] = recipient.transport;
    object["state"] = kStates[static_cast<std::size_t>(recipient.state)];
    object["attempts"] = recipient.attempts;
    object["last_error"] = recipient.last_error;
    object["next_attempt"] = seconds(recipient.next_attempt);
    return object;
}

// Reads members of one object; remembers the first that is missing or of another type.
class Reader {
  public:
    explicit Reader(const json::object& object) : object_(object) {}

    std::string text(std::string_view key) {
        const json::value* value = object_.if_contains(key);
        if (value == nullptr || !value->is_string()) return miss(key), std::string();
        return std::string(value->as_string());
    }
    std::int64_t number(std::string_view key) {
        const json::value* value = object_.if_contains(key);
        if (value == nullptr || !value->is_int64()) return miss(key), 0;
        return value->as_int64();
    }
    const json::array* list(std::string_view key) {
        const json::value* value = object_.if_contains(key);
        if (value == nullptr || !value->is_array()) return miss(key), nullptr;
        return &value->as_array();
    }
    void miss(std::string_view key) {
        if (missing_.empty()) missing_ = key;
    }
    [[nodiscard]] const std::string& missing() const { return missing_; }

  private:
    const json::object& object_;
    std::string missing_;
};

std::optional<Recipient> decode_recipient(const json::value& value) {
    if (!value.is_object()) return std::nullopt;
    Reader reader(value.as_object());
    Recipient recipient;
    recipient.address = reader.text("address");
    if (value.as_object().contains("transport")) recipient.transport = reader.text("transport");
    recipient.attempts = static_cast<int>(reader.number("attempts"));
    recipient.last_error = reader.text("last_error");
    recipient.next_attempt = time_of(reader.number("next_attempt"));
    const std::string state = reader.text("state");
    for (std::size_t i = 0; i < kStates.size(); ++i) {
        if (kStates[i] == state && reader.missing().empty()) {
            recipient.state = static_cast<RecipientState>(i);
            return recipient;
        }
    }
    return std::nullopt;
}

// "<magic> 1 <n> <n>... <crc>...\n": `numbers` decimal numbers, then as many checksums in hex.
struct Words {
    std::size_t line_bytes = 0;
    std::array<std::size_t, 2> numbers{};
    std::array<std::uint32_t, 2> checksums{};
};

std::optional<Words> split_head(std::string_view start, std::string_view magic, std::size_t count) {
    const std::size_t end = start.substr(0, kLongestHead).find('\n');
    if (end == std::string_view::npos || !start.starts_with(magic)) return std::nullopt;
    Words words;
    words.line_bytes = end + 1;
    const char* at = start.data() + magic.size();
    const char* const stop = start.data() + end;
    for (std::size_t i = 0; i < 2 * count; ++i) {
        const bool checksum = i >= count;
        if (at == stop || *at++ != ' ') return std::nullopt;
        const char* const from = at;
        const auto parsed = checksum ? std::from_chars(at, stop, words.checksums[i - count], 16)
                                     : std::from_chars(at, stop, words.numbers[i], 10);
        if (parsed.ec != std::errc() || (checksum && parsed.ptr - from != 8)) return std::nullopt;
        at = parsed.ptr;
    }
    if (at != stop) return std::nullopt;
    return words;
}

}  // namespace

std::string encode_envelope(const Envelope& envelope) {
    json::array recipients;
    for (const Recipient& recipient : envelope.recipients) recipients.push_back(encode_recipient(recipient));
    json::object object;
    object["version"] = kVersion;
    object["id"] = envelope.id;
    object["reverse_path"] = envelope.reverse_path;
    object["recipients"] = std::move(recipients);
    object["received"] = seconds(envelope.received);
    object["client_ip"] = envelope.client_ip;
    object["helo"] = envelope.helo;
    object["server_name"] = envelope.server_name;
    object["transaction_type"] = envelope.transaction_type;
    object["tls"] = envelope.tls;
    object["quarantine"] = envelope.quarantine;
    object["hold_reason"] = envelope.hold_reason;
    return json::serialize(object);
}

DecodedEnvelope decode_envelope(std::string_view text) {
    json::parse_options options;
    options.allow_invalid_utf8 = true;  // addresses may hold any bytes
    boost::system::error_code failed;
    const json::value value = json::parse({text.data(), text.size()}, failed, {}, options);
    if (failed) return {std::nullopt, "envelope is no JSON: " + failed.message()};
    if (!value.is_object()) return {std::nullopt, "envelope is no JSON object"};
    Reader reader(value.as_object());
    if (reader.number("version") != kVersion) return {std::nullopt, "unknown version of the envelope"};
    Envelope envelope;
    envelope.id = reader.text("id");
    envelope.reverse_path = reader.text("reverse_path");
    envelope.received = time_of(reader.number("received"));
    envelope.client_ip = reader.text("client_ip");
    envelope.helo = reader.text("helo");
    envelope.server_name = reader.text("server_name");
    envelope.transaction_type = reader.text("transaction_type");
    envelope.tls = reader.text("tls");
    envelope.quarantine = reader.text("quarantine");
    envelope.hold_reason = reader.text("hold_reason");
    if (const json::array* recipients = reader.list("recipients")) {
        for (const json::value& each : *recipients) {
            std::optional<Recipient> recipient = decode_recipient(each);
            if (!recipient) return {std::nullopt, "malformed recipient in the envelope"};
            envelope.recipients.push_back(std::move(*recipient));
        }
    }
    if (!reader.missing().empty()) return {std::nullopt, "missing in the envelope: " + reader.missing()};
    return {std::move(envelope), {}};
}

std::string encode_message_head(const Envelope& envelope, std::string_view body) {
    const std::string json = encode_envelope(envelope);
    return fmt::format("sluice-message {} {} {} {:08x} {:08x}\n{}\n", kVersion, json.size(), body.size(),
                       checksum(json), checksum(body), json);
}

std::string encode_state(const Envelope& envelope) {
    const std::string json = encode_envelope(envelope);
    return fmt::format("sluice-state {} {} {:08x}\n{}\n", kVersion, json.size(), checksum(json), json);
}

std::optional<FileHead> decode_message_head(std::string_view start) {
    const auto words = split_head(start, "sluice-message 1", 2);
    if (!words || words->numbers[0] > kLargestEnvelope) return std::nullopt;
    return FileHead{words->line_bytes, words->numbers[0], words->numbers[1], words->checksums[0], words->checksums[1]};
}

std::optional<FileHead> decode_state_head(std::string_view start) {
    const auto words = split_head(start, "sluice-state 1", 1);
    if (!words || words->numbers[0] > kLargestEnvelope) return std::nullopt;
    return FileHead{words->line_bytes, words->numbers[0], 0, words->checksums[0], 0};
}

std::uint32_t checksum(std::string_view bytes) {
    boost::crc_32_type crc;
    crc.process_bytes(bytes.data(), bytes.size());
    return crc.checksum();
}

}  // namespace sluice::queue
