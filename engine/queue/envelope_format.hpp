// The envelope of a stored message: a JSON object on one line, version 2. Keys are the members of Envelope and, per
// recipient, those of Recipient; "queue" is the name of the queue, "version" is 2. Members that have their default are
// left out. Times are seconds since the epoch. Bytes that are not UTF-8 stand in strings as they are. A reader refuses
// a version that it does not know and ignores keys it does not know.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/queue/message.hpp"

namespace sluice::queue {

// With the line's end.
[[nodiscard]] std::string encode_envelope(const Envelope& envelope, Queue queue);

struct DecodedEnvelope {
    std::optional<Envelope> envelope;
    Queue queue = Queue::deliver;
    std::string reason;  // why there is none
};
[[nodiscard]] DecodedEnvelope decode_envelope(std::string_view line);

}  // namespace sluice::queue
