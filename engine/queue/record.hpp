// A record of the spool's log before it is written, and where it is afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/base/ids.hpp"
#include "engine/queue/message.hpp"
#include "engine/queue/record_format.hpp"

namespace sluice::queue {

struct Place {
    std::uint64_t segment = 0;  // its number; 0: nowhere
    std::uint32_t offset = 0;
    std::uint32_t bytes = 0;  // of the whole record

    explicit operator bool() const noexcept { return segment != 0; }
    [[nodiscard]] bool operator==(const Place&) const = default;
};

struct NewRecord {
    RecordType type = RecordType::done;
    Uuid id;
    Queue queue = Queue::deliver;  // in which the message is afterwards; it stands in the envelope, too
    std::string envelope;
    // Body of a message: what this server puts on top, and what it received.
    std::string prefix;
    std::shared_ptr<const std::string> body;
    std::uint32_t body_checksum = 0;
    Place place;  // set by writing it
};

[[nodiscard]] std::filesystem::path segment_path(const std::filesystem::path& log, std::uint64_t number);

}  // namespace sluice::queue
