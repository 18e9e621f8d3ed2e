#include "engine/base/ids.hpp"

#include <pthread.h>
#include <sys/random.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace sluice {
namespace {

struct Pool {
    std::array<std::uint8_t, 512> bytes;
    std::size_t left = 0;
    unsigned process = 0;  // forks_before of whoever filled it
};

// How many forks lie between the first process and this one: a look at it costs no system call. A child changes it
// while it has one thread.
unsigned forks_before = 0;
[[maybe_unused]] const int counting_forks = ::pthread_atfork(nullptr, nullptr, [] { ++forks_before; });

void fill_from_kernel(std::uint8_t* into, std::size_t count) {
    while (count > 0) {
        const ssize_t got = ::getrandom(into, count, 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            // Ids that repeat would overwrite mail: there is no sensible way on.
            std::perror("sluice: getrandom");
            std::abort();
        }
        into += got;
        count -= static_cast<std::size_t>(got);
    }
}

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base32_digits = "0123456789abcdefghjkmnpqrstvwxyz";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

constexpr bool hyphen_at(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

void random_bytes(std::uint8_t* into, std::size_t count) {
    thread_local Pool pool;
    if (count > pool.bytes.size()) return fill_from_kernel(into, count);
    if (pool.left < count || pool.process != forks_before) {
        fill_from_kernel(pool.bytes.data(), pool.bytes.size());
        pool.left = pool.bytes.size();
        pool.process = forks_before;
    }
    pool.left -= count;
    std::memcpy(into, pool.bytes.data() + pool.left, count);
}

Uuid Uuid::random() {
    std::array<std::uint8_t, 16> bytes;
    random_bytes(bytes.data(), bytes.size());
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);  // version 4
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);  // variant of RFC 4122
    return from_bytes(bytes);
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
    if (text.size() != text_size) return std::nullopt;
    std::array<std::uint8_t, 16> bytes{};
    std::size_t nibble = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (hyphen_at(i)) {
            if (text[i] != '-') return std::nullopt;
            continue;
        }
        const int value = hex_value(text[i]);
        if (value < 0) return std::nullopt;
        bytes[nibble / 2] = static_cast<std::uint8_t>(bytes[nibble / 2] << 4 | value);
        ++nibble;
    }
    return from_bytes(bytes);
}

Uuid::Text Uuid::text() const {
    Text text;
    text.fill('-');
    std::size_t at = 0;
    for (const std::uint8_t byte : bytes_) {
        if (hyphen_at(at)) ++at;
        text[at++] = hex_digits[byte >> 4];
        text[at++] = hex_digits[byte & 0x0F];
    }
    return text;
}

std::string Uuid::to_string() const {
    const Text characters = text();
    return {characters.data(), characters.size()};
}

SessionId SessionId::random() {
    SessionId id;
    std::array<std::uint8_t, 8> bytes;
    random_bytes(bytes.data(), bytes.size());
    std::memcpy(&id.bits_, bytes.data(), bytes.size());
    id.bits_ >>= 64 - 5 * text_size;
    return id;
}

std::optional<SessionId> SessionId::parse(std::string_view text) {
    if (text.size() != text_size) return std::nullopt;
    SessionId id;
    for (std::size_t i = text_size; i-- > 0;) {
        const auto digit = base32_digits.find(text[i]);
        if (digit == std::string_view::npos) return std::nullopt;
        id.bits_ = id.bits_ << 5 | digit;
    }
    return id;
}

std::string SessionId::to_string() const {
    std::string text(text_size, '0');
    std::uint64_t bits = bits_;
    for (char& c : text) {
        c = base32_digits[bits & 31];
        bits >>= 5;
    }
    return text;
}

}  // namespace sluice
