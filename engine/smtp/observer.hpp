// Where sessions report what happens to them. engine/obs implements it over its event table; tests record it.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/smtp/envelope.hpp"

namespace sluice::smtp {

enum class EventLevel : std::uint8_t { info, warning, error };

enum class SessionEvent : std::uint8_t {
#define EVENT(identifier, name, level) identifier,
#include "engine/smtp/session_events.def"
#undef EVENT
};

[[nodiscard]] std::string_view to_string(SessionEvent event) noexcept;
[[nodiscard]] EventLevel level_of(SessionEvent event) noexcept;

// Called on the session's thread: must not block. `detail` is for people, and may hold what the client sent with
// everything but printable ASCII escaped.
class SessionObserver {
  public:
    virtual ~SessionObserver() = default;
    virtual void on_event(SessionEvent event, const SessionFacts& session, std::string_view detail) noexcept = 0;
};

// "\x16\x03NOOP" -> "\\x16\\x03NOOP", at most `limit` bytes of `bytes`.
[[nodiscard]] std::string escaped(std::string_view bytes, std::size_t limit = 32);

}  // namespace sluice::smtp
