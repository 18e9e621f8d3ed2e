#include "engine/smtp/observer.hpp"

#include <fmt/format.h>

#include <array>

namespace sluice::smtp {
namespace {

struct Row {
    std::string_view name;
    EventLevel level;
};

constexpr auto rows = std::to_array<Row>({
#define EVENT(identifier, name, level) Row{name, EventLevel::level},
#include "engine/smtp/session_events.def"
#undef EVENT
});

}  // namespace

std::string_view to_string(SessionEvent event) noexcept { return rows[static_cast<std::size_t>(event)].name; }
EventLevel level_of(SessionEvent event) noexcept { return rows[static_cast<std::size_t>(event)].level; }

std::string escaped(std::string_view bytes, std::size_t limit) {
    std::string text;
    for (const char c : bytes.substr(0, limit)) {
        if (c >= ' ' && c <= '~' && c != '\\') {
            text += c;
        } else {
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        }
    }
    return text;
}

}  // namespace sluice::smtp
