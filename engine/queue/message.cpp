#include "engine/queue/message.hpp"

#include <array>

namespace sluice::queue {

namespace {

struct Row {
    std::string_view name;
    bool delivered;
};

constexpr std::array kRows = {
#define QUEUE(name, delivered, text) Row{#name, delivered},
#include "engine/queue/queues.def"
#undef QUEUE
};

}  // namespace

std::string_view queue_name(Queue queue) noexcept { return kRows[static_cast<std::size_t>(queue)].name; }

bool is_delivered(Queue queue) noexcept { return kRows[static_cast<std::size_t>(queue)].delivered; }

std::optional<Queue> queue_of_name(std::string_view name) noexcept {
    for (const Queue queue : kAllQueues) {
        if (queue_name(queue) == name) return queue;
    }
    return std::nullopt;
}

}  // namespace sluice::queue
