#include "engine/queue/message_id.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>

namespace sluice::queue {

namespace {

constexpr std::string_view kPattern = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::string_view kVariantDigits = "89ab";

}  // namespace

std::string make_message_id() {
    std::array<std::uint8_t, kPattern.size()> random;
    ssize_t got = 0;
    do {
        got = ::getrandom(random.data(), random.size(), 0);
    } while (got < 0 && errno == EINTR);
    if (got != static_cast<ssize_t>(random.size())) std::abort();  // no kernel we run on refuses 36 bytes
    std::string id(kPattern);
    for (std::size_t i = 0; i < id.size(); ++i) {
        if (kPattern[i] == 'x') id[i] = kDigits[random[i] % kDigits.size()];
        if (kPattern[i] == 'y') id[i] = kVariantDigits[random[i] % kVariantDigits.size()];
    }
    return id;
}

bool is_message_id(std::string_view text) noexcept {
    if (text.size() != kPattern.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool fits = kPattern[i] == 'x'   ? kDigits.find(text[i]) != std::string_view::npos
                          : kPattern[i] == 'y' ? kVariantDigits.find(text[i]) != std::string_view::npos
                                               : text[i] == kPattern[i];
        if (!fits) return false;
    }
    return true;
}

}  // namespace sluice::queue
