// What the session asks of the rule engine (implemented in engine/filter) and of the spool (engine/queue).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/smtp/envelope.hpp"

namespace sluice::smtp {

struct Verdict {
    VerdictKind kind = VerdictKind::next;
    std::optional<Reply> reply;  // the rule's own code; nullopt = the default of stage and verdict
    std::string quarantine;      // name, if kind is quarantine

    [[nodiscard]] static Verdict next() { return {}; }
    [[nodiscard]] static Verdict accept(std::optional<Reply> r = {}) { return {VerdictKind::accept, std::move(r), {}}; }
    [[nodiscard]] static Verdict faccept(std::optional<Reply> r = {}) {
        return {VerdictKind::faccept, std::move(r), {}};
    }
    [[nodiscard]] static Verdict deny(std::optional<Reply> r = {}) { return {VerdictKind::deny, std::move(r), {}}; }
    [[nodiscard]] static Verdict quarantined(std::string name) {
        return {VerdictKind::quarantine, {}, std::move(name)};
    }
    [[nodiscard]] static Verdict failed() { return {VerdictKind::failed, {}, {}}; }
};

// What the client is told when rules refuse; `verdict` is deny or failed. `server_name` expands {name} in texts.
[[nodiscard]] Reply refusal_reply(const Settings& settings, std::string_view server_name, Stage stage,
                                  const Verdict& verdict);

// One generation of compiled rules, immutable and shared by all threads. A session keeps the generation it began with.
class Rules {
  public:
    virtual ~Rules() = default;

    // Runs one stage: selects the script (vsl-rules.md 5.2), runs its directives, returns the first verdict other than
    // next. Never called while a skip status is set: the session looks after skipping.
    //   connect, helo, tls, authenticate: transaction is null
    //   mail: transaction has a reverse-path and no recipients
    //   rcpt: the recipient being added is transaction->recipients.back()
    //   preq: transaction->message is set
    // The references stay valid until the coroutine ends. One call at a time per session, on the session's executor.
    [[nodiscard]] virtual asio::awaitable<Verdict> run(Stage stage, SessionFacts& session,
                                                       Transaction* transaction) = 0;

    // Whether there are any rules for it at that stage.
    [[nodiscard]] virtual bool runs(Stage stage, const Transaction& transaction) const = 0;

    // The nearest enclosing domain that has scripts (vsl-rules.md 5.1), in the form the table holds it; nullopt if
    // there is none. Takes any case; a domain literal is never handled.
    [[nodiscard]] virtual std::optional<std::string> handled(std::string_view domain) const = 0;
};

// A message that passed preq.
struct CommittedMessage {
    Transaction transaction;    // skip says where to quarantine
    std::string trace_header;   // our Received field, with CRLF: stands before *transaction.message
    bool queue_stages = false;  // rules of postq or delivery are still to run (queue_stages.hpp)

    // The bytes to store.
    [[nodiscard]] std::string text() const { return trace_header + *transaction.message; }
};

// A part of a split message that preq refused for good while others were kept: its sender is owed a DSN, unless the
// reverse-path is null. The message is still there for quoting.
struct RefusedMessage {
    Transaction transaction;
    Reply reply;
};

// Everything one DATA command leaves behind, to be stored as a whole or not at all: if only a part were stored before a
// 451, the client's next attempt would send that part twice.
struct Submission {
    std::vector<CommittedMessage> messages;
    std::vector<RefusedMessage> refused;
};

enum class SinkStatus : std::uint8_t {
    stored,  // on stable storage
    full,    // no room: 452 4.3.1
    failed,  // anything else: 451 4.3.0
};

struct SinkResult {
    SinkStatus status = SinkStatus::stored;
    std::string error;  // for the log
};

class MessageSink {
  public:
    virtual ~MessageSink() = default;

    // Returns only after the submission is durable; 250 is sent on `stored` and on nothing else.
    [[nodiscard]] virtual asio::awaitable<SinkResult> submit(const SessionFacts& session, Submission submission) = 0;

    // Asked at each MAIL, so that nobody transfers a message there is no room for (`full`: 452) or that cannot be
    // stored at all (`failed`: 421). `size` is what the client declared, or 0.
    [[nodiscard]] virtual SinkStatus room_for(std::uint64_t size) const noexcept = 0;
};

}  // namespace sluice::smtp
