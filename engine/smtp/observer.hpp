// Where sessions report what happens to them. engine/obs implements it over its event table; tests record it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

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

// What the server refuses by itself; a rule that refuses tells filter::RefusalWatch.
struct OwnRefusal {
    SessionEvent event;
    const Transaction* transaction = nullptr;  // null before mail
    const Reply* reply = nullptr;              // null: the connection was closed without a word
    std::string_view recipient = {};           // the one that was refused; empty: whatever the transaction has
    std::string_view detail = {};              // as that of the event
};

// Called on the session's thread: must not block. `detail` is for people, and may hold what the client sent with
// everything but printable ASCII escaped.
class SessionObserver {
  public:
    virtual ~SessionObserver() = default;
    virtual void on_event(SessionEvent event, const SessionFacts& session, std::string_view detail) noexcept = 0;
    // Besides the event of that name. What `refusal` points to lives until the return.
    virtual void on_refusal(const SessionFacts& /*session*/, const OwnRefusal& /*refusal*/) noexcept {}
};

// Several in the place of one.
class ObserverList final : public SessionObserver {
  public:
    // Before sessions begin. The observer outlives the list.
    void add(SessionObserver& observer) { observers_.push_back(&observer); }
    void on_event(SessionEvent event, const SessionFacts& session, std::string_view detail) noexcept override {
        for (auto* each : observers_) each->on_event(event, session, detail);
    }
    void on_refusal(const SessionFacts& session, const OwnRefusal& refusal) noexcept override {
        for (auto* each : observers_) each->on_refusal(session, refusal);
    }

  private:
    std::vector<SessionObserver*> observers_;
};

// "\x16\x03NOOP" -> "\\x16\\x03NOOP", at most `limit` bytes of `bytes`.
[[nodiscard]] std::string escaped(std::string_view bytes, std::size_t limit = 32);

}  // namespace sluice::smtp
