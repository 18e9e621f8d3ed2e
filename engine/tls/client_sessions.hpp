// Sessions of connections that we opened, for resumption with the same server under the same policy (tls.md 4.5). One
// per process; survives reloads, for the key has everything in it that decides about trust. Thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace sluice::tls {

class ClientSessions {
  public:
    // Of more keys than that the one used longest ago is forgotten.
    explicit ClientSessions(std::size_t keys_max);
    ~ClientSessions();
    ClientSessions(const ClientSessions&) = delete;

    [[nodiscard]] std::size_t size() const;  // sessions of all keys
    void clear();

    struct Impl;  // client_sessions_impl.hpp, private to engine/tls
    [[nodiscard]] Impl& impl() noexcept { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::tls
