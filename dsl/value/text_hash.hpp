// Hash of a text: eight bytes a step, folded by wide multiplication, keyed by a secret of the process, because rules
// keep what strangers send in maps and a stranger must not be able to choose keys that collide.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace sluice::dsl {

extern const std::uint64_t text_hash_secret;

[[nodiscard]] inline std::uint64_t hash_text(std::string_view text) noexcept {
    const auto fold = [](std::uint64_t a, std::uint64_t b) {
        const auto product = static_cast<unsigned __int128>(a) * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    };
    const auto word = [](const char* p) {
        std::uint64_t w;
        std::memcpy(&w, p, 8);
        return w;
    };
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
    const char* p = text.data();
    auto left = text.size();
    auto state = text_hash_secret ^ text.size();
    for (; left > 16; left -= 16, p += 16) state = fold(word(p) ^ state, word(p + 8) ^ odd);
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    if (left >= 8) {
        low = word(p);
        high = word(p + left - 8);
    } else if (left >= 4) {
        std::uint32_t a;
        std::uint32_t b;
        std::memcpy(&a, p, 4);
        std::memcpy(&b, p + left - 4, 4);
        low = a;
        high = b;
    } else if (left > 0) {
        low = static_cast<unsigned char>(p[0]) |
              static_cast<std::uint64_t>(static_cast<unsigned char>(p[left / 2])) << 8 |
              static_cast<std::uint64_t>(static_cast<unsigned char>(p[left - 1])) << 16;
    }
    return fold(fold(low ^ state, high ^ odd) ^ text_hash_secret, odd);
}

}  // namespace sluice::dsl
