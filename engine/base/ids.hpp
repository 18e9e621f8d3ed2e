// Identifiers: UUID v4 for messages, short ids for sessions. Both come from getrandom(2), buffered per thread, so that
// making one costs no system call most of the time and no lock ever.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

// Fills `into` from a per-thread pool of kernel randomness. Discards the pool after fork() in the child.
void random_bytes(std::uint8_t* into, std::size_t count);

// RFC 4122 version 4; text form lower-case with hyphens, as `ctx::message_id()` shows it.
class Uuid {
  public:
    static constexpr std::size_t text_size = 36;

    constexpr Uuid() = default;  // the nil UUID: "no message yet"
    [[nodiscard]] static Uuid random();
    // Accepts upper and lower case; nullopt for anything but the 8-4-4-4-12 form.
    [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);
    [[nodiscard]] static constexpr Uuid from_bytes(const std::array<std::uint8_t, 16>& bytes) {
        Uuid id;
        id.bytes_ = bytes;
        return id;
    }

    using Text = std::array<char, text_size>;
    [[nodiscard]] Text text() const;
    [[nodiscard]] std::string to_string() const;
    [[nodiscard]] constexpr bool is_nil() const { return *this == Uuid{}; }
    [[nodiscard]] constexpr const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

    friend constexpr bool operator==(const Uuid&, const Uuid&) = default;
    friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;

  private:
    std::array<std::uint8_t, 16> bytes_{};
};

// Random ids are their own hash.
struct UuidHash {
    [[nodiscard]] std::size_t operator()(const Uuid& id) const noexcept {
        std::size_t hash = 0;
        std::memcpy(&hash, id.bytes().data(), sizeof hash);
        return hash;
    }
};

// 60 random bits as 12 characters of Crockford's base 32: short enough to read over the telephone.
class SessionId {
  public:
    static constexpr std::size_t text_size = 12;

    constexpr SessionId() = default;
    [[nodiscard]] static SessionId random();
    // What to_string() gave; nullopt for anything else.
    [[nodiscard]] static std::optional<SessionId> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;

    friend constexpr bool operator==(SessionId, SessionId) = default;

  private:
    std::uint64_t bits_ = 0;
};

}  // namespace sluice
