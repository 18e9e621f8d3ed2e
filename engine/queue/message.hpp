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

// NOTIFY of RFC 3461 4.1, as bits; 0: the sender did not say.
enum Notify : std::uint8_t { notify_never = 1, notify_success = 2, notify_failure = 4, notify_delay = 8 };

struct Recipient {
    std::string address;  // forward-path without <>
    RecipientState state = RecipientState::waiting;
    int attempts = 0;
    std::string status;              // enhanced status code of the last attempt that failed: "4.4.1"
    std::string last_error;          // why it failed: the reply as the remote host sent it, or our own words
    std::string remote;              // "mx.example.net [192.0.2.1]", if that host said last_error
    TimePoint next_attempt{};        // whole seconds count; of waiting and deferred
    std::string transport;           // chosen by a rule (deliver/forward_target.hpp); empty: config.delivery.transport
    std::string tls;                 // what rules said about TLS to here, as JSON (tls_policy/rule_keys.hpp)
    std::string original_recipient;  // ORCPT as given: "rfc822;joe@example.com"
    std::uint8_t notify = 0;         // bits of Notify
    std::uint8_t reported = 0;       // bits of Notify: what the sender has been told by a DSN

    [[nodiscard]] bool done() const noexcept {
        return state == RecipientState::sent || state == RecipientState::failed;
    }
    [[nodiscard]] bool operator==(const Recipient&) const = default;
};

struct Envelope {
    std::string id;            // a UUID, lower case
    std::string reverse_path;  // without <>; empty: the null reverse-path
    std::vector<Recipient> recipients;
    TimePoint received{};  // whole seconds are kept
    std::string client_ip;
    std::string helo;
    std::string server_name;
    std::string transaction_type;   // "incoming", "outgoing", "internal"
    std::string tls;                // facts for logs and Received, as text; empty: clear text
    std::string quarantine;         // name of the quarantine; empty: none
    std::string hold_reason;        // why it is in the queue hold
    std::string user;               // who was authenticated; empty: nobody
    std::string envelope_id;        // ENVID as given (RFC 3461 4.4)
    std::string ret;                // RET: "FULL", "HDRS"; empty: the sender did not say
    bool eight_bit = false;         // BODY=8BITMIME
    bool smtputf8 = false;          // SMTPUTF8 was given
    bool requiretls = false;        // REQUIRETLS was given (RFC 8689 2)
    bool tls_not_required = false;  // the header says "TLS-Required: No" (RFC 8689 3)
    std::string binding;            // chosen by a rule (tls.md 4.3); empty: the default one
    std::string delivery_tls;       // as Recipient::tls, for all recipients
    // Stages whose rules are still to run: "postq" (and delivery after it), "delivery"; empty: none.
    std::string next_stage;
    std::string facts;           // with next_stage: what these rules may ask for (smtp/stored_facts.hpp)
    bool held_by_rules = false;  // in the queue hold because they failed; they are tried again after a reload

    [[nodiscard]] bool operator==(const Envelope&) const = default;
};

// The text is prefix and body, one behind the other: raw bytes as they go out, CRLF line ends.
struct Message {
    Envelope envelope;
    std::shared_ptr<const std::string> body;
    std::string prefix;  // what this server put on top; empty in what the spool gives back
};

}  // namespace sluice::queue
