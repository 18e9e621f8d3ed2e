// Several observers where one is expected.
#pragma once

#include <vector>

#include "engine/smtp/observer.hpp"

namespace sluice::smtp {

class ObserverList final : public SessionObserver {
  public:
    // Before the first session; the observers outlive the sessions. Told in this order.
    void add(SessionObserver& observer) { observers_.push_back(&observer); }

    void on_event(SessionEvent event, const SessionFacts& session, std::string_view detail) noexcept override {
        for (auto* observer : observers_) observer->on_event(event, session, detail);
    }

  private:
    std::vector<SessionObserver*> observers_;
};

}  // namespace sluice::smtp
