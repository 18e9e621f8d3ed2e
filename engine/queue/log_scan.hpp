// Reads the whole log of a spool: which messages there are, and what is wrong with it. Changes nothing. Used when a
// spool is opened, and by `sluice queue` with the server stopped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/queue/record_format.hpp"
#include "engine/queue/spool_index.hpp"

namespace sluice::queue {

struct LogScan {
    struct Damage {
        std::string name;  // for corrupt/: where it was, or the id of the message
        std::string octets;
        std::string reason;
        Uuid message;  // nil: a piece of the log that belongs to nobody we know
        Place place;   // of the message's record
    };
    struct Unreadable {
        std::filesystem::path path;
        std::error_code failed;
    };

    std::uint64_t last = 0;  // the highest number of a segment; 0: none
    std::uint32_t end_of_last = kUnknownEnd;
    std::vector<Damage> damage;
    std::vector<Unreadable> unreadable;  // errors of the disk: what is in them may come back
};

// Fills `index`, which is empty.
[[nodiscard]] LogScan scan_log(const std::filesystem::path& log, SpoolIndex& index);

struct StoredEnvelope {
    Envelope envelope;
    Queue queue = Queue::deliver;
};

}  // namespace sluice::queue
