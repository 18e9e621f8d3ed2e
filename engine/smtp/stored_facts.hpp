// What rules of the queue stages may ask about the session a message came in by: kept with the message until they have
// run (queue::Envelope::facts), because the session is over by then and the server may have been restarted.
// A JSON object; keys are the members of SessionFacts and Transaction that the message's envelope does not have. No
// passwords. Unknown keys are ignored, missing ones keep their default.
#pragma once

#include <string>
#include <string_view>

#include "engine/smtp/envelope.hpp"

namespace sluice::smtp {

[[nodiscard]] std::string store_facts(const SessionFacts& session, const Transaction& transaction);
// False: that is no such text; some members may have been set.
[[nodiscard]] bool restore_facts(std::string_view stored, SessionFacts& session, Transaction& transaction);

}  // namespace sluice::smtp
