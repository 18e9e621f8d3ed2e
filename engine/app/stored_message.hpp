// A transaction of a session as a message of the spool, and back: the one place that knows both.
#pragma once

#include <string>

#include "engine/queue/message.hpp"
#include "engine/smtp/queue_stages.hpp"

namespace sluice::app {

// Which stages' rules are still to run for the message.
enum class QueueStages : bool { no, yes };

// `trace` is our Received field.
[[nodiscard]] queue::Message to_message(const smtp::SessionFacts& session, const smtp::Transaction& transaction,
                                        std::string trace, QueueStages stages);

// What the rules of the queue stages are given. False: the stored facts cannot be read; then they have defaults.
[[nodiscard]] bool restore(const queue::Message& message, smtp::SessionFacts& session, smtp::Transaction& transaction);

// What these rules made of it: envelope and text. True: the text has changed.
[[nodiscard]] bool take_changes(smtp::Transaction transaction, queue::Message& message);

}  // namespace sluice::app
