// The stages behind the queue, postq and delivery: rules that run when the client has its 250 (vsl-rules.md 5 and 6, as
// changed by decisions.md). Called by the queue before the first attempt, and by `sluice test` and `simulate`.
#pragma once

#include <string>

#include "engine/smtp/rules.hpp"

namespace sluice::smtp {

struct QueueVerdict {
    // next: to be delivered. deny: all recipients have failed. quarantine. failed: the rules of `stage` are broken, and
    // the message waits for better ones.
    VerdictKind kind = VerdictKind::next;
    Stage stage = Stage::delivery;  // that decided
    Reply reply;                    // of deny
    std::string quarantine;
};

// Whether any rule waits for the message there. Transactions that skip all later rules have none.
[[nodiscard]] bool has_queue_stages(const Rules& rules, const Transaction& transaction);

// From stage `first` (postq or delivery) on. The rules find the message and may change it, its recipients and their
// transports: transaction.message, .recipients.
[[nodiscard]] asio::awaitable<QueueVerdict> run_queue_stages(Rules& rules, const Settings& settings, Stage first,
                                                             SessionFacts& session, Transaction& transaction);

}  // namespace sluice::smtp
