#include "engine/sasl/secret.hpp"

#include <openssl/mem.h>

#include <cstring>

namespace sluice::sasl {

void wipe(void* bytes, std::size_t count) noexcept { OPENSSL_cleanse(bytes, count); }

bool equal_in_constant_time(std::string_view left, std::string_view right) noexcept {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

Secret::Secret(std::string_view text) : Secret(text.size()) {
    if (!text.empty()) std::memcpy(bytes_.get(), text.data(), text.size());
}

void Secret::shorten(std::size_t size) noexcept {
    wipe(bytes_.get() + size, size_ - size);
    // The allocation keeps its length: what clear() no longer covers is zero already.
    size_ = size;
}

void Secret::clear() noexcept {
    if (bytes_) wipe(bytes_.get(), size_);
    bytes_.reset();
    size_ = 0;
}

}  // namespace sluice::sasl
