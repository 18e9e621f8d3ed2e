#include "engine/tls/ticket_keys.hpp"

#include <openssl/aead.h>
#include <openssl/err.h>
#include <openssl/mem.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

namespace sluice::tls {

struct TicketKeys::Key {
    std::array<std::uint8_t, kNameSize> name;
    bssl::ScopedEVP_AEAD_CTX cipher;  // const use from several threads is allowed
    Clock::time_point made;
};

struct TicketKeys::Ring {
    std::vector<std::shared_ptr<const Key>> keys;  // newest first
};

namespace {

constexpr std::size_t kKeySize = 32;

}  // namespace

TicketKeys::TicketKeys(std::chrono::seconds rotation, Now now)
    : rotation_(rotation), now_(std::move(now)), ring_(std::make_shared<Ring>()) {
    rotate();
}

TicketKeys::~TicketKeys() = default;

void TicketKeys::rotate() {
    const std::lock_guard lock(mutex_);
    rotate_locked(now_());
}

void TicketKeys::rotate_locked(Clock::time_point now) {
    auto key = std::make_shared<Key>();
    std::array<std::uint8_t, kKeySize> secret;
    RAND_bytes(key->name.data(), key->name.size());
    RAND_bytes(secret.data(), secret.size());
    const bool ready = EVP_AEAD_CTX_init(key->cipher.get(), EVP_aead_aes_256_gcm(), secret.data(), secret.size(),
                                         EVP_AEAD_DEFAULT_TAG_LENGTH, nullptr) == 1;
    OPENSSL_cleanse(secret.data(), secret.size());
    ERR_clear_error();
    key->made = now;
    auto ring = std::make_shared<Ring>();
    if (ready) ring->keys.push_back(std::move(key));
    for (const auto& old : ring_->keys) {
        const bool young = now - old->made < rotation_ * static_cast<int>(kOldKeys + 1);
        if (young && ring->keys.size() <= kOldKeys) ring->keys.push_back(old);
    }
    ring_ = std::move(ring);
}

std::shared_ptr<const TicketKeys::Ring> TicketKeys::current() {
    const Clock::time_point now = now_();
    const std::lock_guard lock(mutex_);
    if (ring_->keys.empty() || now - ring_->keys.front()->made >= rotation_) rotate_locked(now);
    return ring_;
}

std::optional<std::size_t> TicketKeys::seal(std::span<const std::uint8_t> in, std::span<std::uint8_t> out) {
    const std::shared_ptr<const Ring> ring = current();
    if (ring->keys.empty() || out.size() < in.size() + kOverhead) return std::nullopt;
    const Key& key = *ring->keys.front();
    std::array<std::uint8_t, kNonceSize> nonce;
    RAND_bytes(nonce.data(), nonce.size());
    // `in` and `out` may be the same bytes, and the ciphertext stands further back: move first, then write in front of
    // it.
    std::uint8_t* text = out.data() + kNameSize + kNonceSize;
    if (!in.empty()) std::memmove(text, in.data(), in.size());
    std::size_t sealed = 0;
    const bool done =
        EVP_AEAD_CTX_seal(key.cipher.get(), text, &sealed, out.size() - kNameSize - kNonceSize, nonce.data(),
                          nonce.size(), text, in.size(), key.name.data(), key.name.size()) == 1;
    ERR_clear_error();
    if (!done) return std::nullopt;
    std::memcpy(out.data(), key.name.data(), kNameSize);
    std::memcpy(out.data() + kNameSize, nonce.data(), kNonceSize);
    return kNameSize + kNonceSize + sealed;
}

std::optional<std::size_t> TicketKeys::open(std::span<const std::uint8_t> in, std::span<std::uint8_t> out) {
    if (in.size() < kOverhead) return std::nullopt;
    const std::shared_ptr<const Ring> ring = current();
    for (const auto& key : ring->keys) {
        if (std::memcmp(key->name.data(), in.data(), kNameSize) != 0) continue;
        if (now_() - key->made >= rotation_ * static_cast<int>(kOldKeys + 1)) return std::nullopt;
        const auto text = in.subspan(kNameSize + kNonceSize);
        // The library forbids overlap other than equality, so the text goes through a copy.
        std::vector<std::uint8_t> copy(text.begin(), text.end());
        std::size_t opened = 0;
        const bool done = EVP_AEAD_CTX_open(key->cipher.get(), copy.data(), &opened, copy.size(), in.data() + kNameSize,
                                            kNonceSize, copy.data(), copy.size(), key->name.data(), kNameSize) == 1;
        ERR_clear_error();
        std::optional<std::size_t> written;
        if (done && opened <= out.size()) {
            std::copy_n(copy.begin(), opened, out.begin());
            written = opened;
        }
        OPENSSL_cleanse(copy.data(), copy.size());
        return written;
    }
    return std::nullopt;
}

}  // namespace sluice::tls
