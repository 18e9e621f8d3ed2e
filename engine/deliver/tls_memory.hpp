// What delivery remembers of TLS from one connection to the next, across reloads: sessions for resumption, and hosts
// where a negotiation failed (`remember_broken`, tls.md 1.2). Thread-safe; bounded.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "engine/base/limits.hpp"
#include "engine/tls/client_sessions.hpp"

namespace sluice::deliver {

class TlsMemory {
  public:
    using Clock = std::chrono::steady_clock;

    explicit TlsMemory(std::function<Clock::time_point()> now = Clock::now)
        : now_(std::move(now)), sessions_(std::make_shared<tls::ClientSessions>(limits::client_session_keys)) {}

    [[nodiscard]] const std::shared_ptr<tls::ClientSessions>& sessions() const noexcept { return sessions_; }

    // `host`: address and port, as text.
    void broken(const std::string& host, std::chrono::milliseconds time);
    [[nodiscard]] bool is_broken(const std::string& host) const;

  private:
    std::function<Clock::time_point()> now_;
    std::shared_ptr<tls::ClientSessions> sessions_;
    mutable std::mutex mutex_;
    std::map<std::string, Clock::time_point> broken_;  // until when
};

}  // namespace sluice::deliver
