#include "dsl/value/block_pool.hpp"

#include <new>
#include <utility>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLUICE_POOL_OFF 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SLUICE_POOL_OFF 1
#endif
#endif

namespace sluice::dsl::block_pool {

namespace {

constexpr std::size_t granule = 16;
constexpr std::size_t largest = 256;
constexpr std::size_t classes = largest / granule;
constexpr std::uint32_t kept = 1024;  // free blocks of a size that a thread keeps: 2 MiB in all at most

struct Free {
    Free* next;
};

// Without a constructor or destructor, so that objects freed while the thread ends still find it.
struct Lists {
    Free* first[classes];
    std::uint32_t length[classes];
    std::uint64_t from_system;
    bool closed;
};
constinit thread_local Lists lists{};

struct Closing {
    ~Closing() {
        lists.closed = true;
        for (auto*& first : lists.first)
            while (first) ::operator delete(std::exchange(first, first->next));
    }
    void arm() noexcept {}
};
thread_local Closing closing;

std::size_t class_of(std::size_t bytes) noexcept { return bytes == 0 ? 0 : (bytes - 1) / granule; }

}  // namespace

void* allocate(std::size_t bytes) {
#ifndef SLUICE_POOL_OFF
    if (bytes <= largest) {
        const auto c = class_of(bytes);
        if (auto* block = lists.first[c]) {
            lists.first[c] = block->next;
            --lists.length[c];
            return block;
        }
        ++lists.from_system;
        return ::operator new((c + 1) * granule);
    }
#endif
    ++lists.from_system;
    return ::operator new(bytes);
}

void release(void* block, std::size_t bytes) noexcept {
#ifndef SLUICE_POOL_OFF
    if (bytes <= largest) {
        const auto c = class_of(bytes);
        if (lists.length[c] < kept && !lists.closed) {
            if (lists.length[c]++ == 0) closing.arm();
            lists.first[c] = ::new (block) Free{lists.first[c]};
            return;
        }
    }
#else
    (void)bytes;
#endif
    ::operator delete(block);
}

std::uint64_t taken_from_system() noexcept { return lists.from_system; }

}  // namespace sluice::dsl::block_pool
