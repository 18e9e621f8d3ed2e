// The keys that protect session tickets (tls.md 2.6): in memory only, alive as long as the process, shared by all
// snapshots and threads. One key seals; it and the two before it open; keys older than three rotations are forgotten.
// Ticket format, version 1: key name (16 bytes) | nonce (12) | AES-256-GCM ciphertext and tag (16), with the key name
// as additional data.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

namespace sluice::tls {

class TicketKeys {
  public:
    using Clock = std::chrono::steady_clock;
    using Now = std::function<Clock::time_point()>;

    static constexpr std::size_t kNameSize = 16;
    static constexpr std::size_t kNonceSize = 12;
    static constexpr std::size_t kTagSize = 16;
    static constexpr std::size_t kOverhead = kNameSize + kNonceSize + kTagSize;
    static constexpr std::size_t kOldKeys = 2;

    explicit TicketKeys(std::chrono::seconds rotation, Now now = Clock::now);
    ~TicketKeys();
    TicketKeys(const TicketKeys&) = delete;
    TicketKeys& operator=(const TicketKeys&) = delete;

    // A new sealing key now (`sluice tls rekey`).
    void rotate();

    // Both give the number of bytes written to `out`, or nullopt: no room, no memory, or (open) not our ticket.
    [[nodiscard]] std::optional<std::size_t> seal(std::span<const std::uint8_t> in, std::span<std::uint8_t> out);
    [[nodiscard]] std::optional<std::size_t> open(std::span<const std::uint8_t> in, std::span<std::uint8_t> out);

  private:
    struct Key;
    struct Ring;

    [[nodiscard]] std::shared_ptr<const Ring> current();
    void rotate_locked(Clock::time_point now);

    std::chrono::seconds rotation_;
    Now now_;
    std::mutex mutex_;  // guards the pointer only; the ring itself never changes
    std::shared_ptr<const Ring> ring_;
};

}  // namespace sluice::tls
