// Which messages a queue command is about. All that is given must fit.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "engine/queue/log_scan.hpp"

namespace sluice::queue {

struct QueueFilter {
    std::vector<std::string> ids;  // one of them
    std::optional<Queue> queue;
    std::string from;  // glob for the reverse-path, case-blind: "*@example.com", "" for any, "<>" for the null one
    std::string to;    // glob for one of the recipients that are not done
    std::optional<std::chrono::seconds> older;  // received longer ago

    [[nodiscard]] bool empty() const noexcept { return ids.empty() && !queue && from.empty() && to.empty() && !older; }
    [[nodiscard]] bool fits(const StoredEnvelope& stored, TimePoint now) const;
};

}  // namespace sluice::queue
