#include "dsl/value/block_pool.hpp"

#include <utility>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLUICE_POOL_OFF 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SLUICE_POOL_OFF 1
#endif
#endif

namespace sluice::dsl::block_pool {

constinit thread_local Lists lists{};

namespace {

struct Closing {
    ~Closing() {
        for (auto& room : lists.room) room = 0;
        for (auto*& first : lists.first)
            while (first) ::operator delete(std::exchange(first, first->next));
    }
    void arm() noexcept {}
};
thread_local Closing closing;

}  // namespace

void* take_from_system(std::size_t bytes) {
    ++lists.from_system;
#ifndef SLUICE_POOL_OFF
    if (bytes <= largest) return ::operator new((class_of(bytes) + 1) * granule);
#endif
    return ::operator new(bytes);
}

void put_back(void* block, std::size_t bytes) noexcept {
#ifndef SLUICE_POOL_OFF
    if (bytes <= largest && !lists.begun) {
        lists.begun = true;
        closing.arm();  // from now on the thread has something to give back when it ends
        for (auto& room : lists.room) room = kept;
        release(block, bytes);
        return;
    }
#else
    (void)bytes;
#endif
    ::operator delete(block);
}

}  // namespace sluice::dsl::block_pool
