// A message as the spool stores it: the envelope, which changes with each attempt, and the body, which never does.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::queue {

enum class Queue : std::uint8_t {
#define QUEUE(name, delivered, text) name,
#include "engine/queue/queues.def"
#undef QUEUE
};

inline constexpr Queue kAllQueues[] = {
#define QUEUE(name, delivered, text) Queue::name,
#include "engine/queue/queues.def"
#undef QUEUE
};

[[nodiscard]] std::string_view queue_name(Queue queue) noexcept;
[[nodiscard]] std::optional<Queue> queue_of_name(std::string_view name) noexcept;
// The dispatcher delivers from this queue.
[[nodiscard]] bool is_delivered(Queue queue) noexcept;

using TimePoint = std::chrono::system_clock::time_point;

enum class RecipientState : std::uint8_t {
    waiting,   // no attempt yet
    deferred,  // the last attempt failed for now
    sent,      // done
    failed,    // done: refused for good, or expired
};

struct Recipient {
    std::string address;  // forward-path without <>
    RecipientState state = RecipientState::waiting;
    int attempts = 0;
    std::string last_error;    // text of the last attempt that failed
    TimePoint next_attempt{};  // whole seconds count; of waiting and deferred
    std::string transport;     // chosen by a rule (deliver/forward_target.hpp); empty: config.delivery.transport

    [[nodiscard]] bool done() const noexcept {
        return state == RecipientState::sent || state == RecipientState::failed;
    }
    [[nodiscard]] bool operator==(const Recipient&) const = default;
};

struct Envelope {
    std::string id;            // UUID v4, make_message_id()
    std::string reverse_path;  // without <>; empty: the null reverse-path
    std::vector<Recipient> recipients;
    TimePoint received{};  // whole seconds are kept
    std::string client_ip;
    std::string helo;
    std::string server_name;
    std::string transaction_type;  // "incoming", "outgoing", "internal"
    std::string tls;               // facts for logs and Received, as text; empty: clear text
    std::string quarantine;        // name of the quarantine; empty: none
    std::string hold_reason;       // why it is in the queue hold

    [[nodiscard]] bool operator==(const Envelope&) const = default;
};

struct Message {
    Envelope envelope;
    std::shared_ptr<const std::string> body;  // raw bytes as they go out, CRLF line ends
};

}  // namespace sluice::queue
