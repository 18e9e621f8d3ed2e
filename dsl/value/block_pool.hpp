// Memory of small heap objects. Rules make and drop many short-lived strings, so freed blocks of up to 256 bytes wait
// in lists of their thread, by size, for the next object: after warm-up a stage run asks the system for nothing. With a
// sanitizer every block goes to the system allocator, so that it can watch it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

namespace sluice::dsl::block_pool {

inline constexpr std::size_t granule = 16;
inline constexpr std::size_t largest = 256;
inline constexpr std::size_t classes = largest / granule;
inline constexpr std::uint32_t kept = 1024;  // free blocks of a size that a thread keeps: 2 MiB in all at most

struct Free {
    Free* next;
};

// Without a constructor or destructor, so that objects freed while the thread ends still find it.
struct Lists {
    Free* first[classes];
    std::uint32_t room[classes];  // for so many more blocks; none before the first and when the thread ends
    bool begun;
    std::uint64_t from_system;
};
extern constinit thread_local Lists lists;

[[nodiscard]] void* take_from_system(std::size_t bytes);
void put_back(void* block, std::size_t bytes) noexcept;

[[nodiscard]] inline std::size_t class_of(std::size_t bytes) noexcept { return bytes == 0 ? 0 : (bytes - 1) / granule; }

// Never null: throws std::bad_alloc.
[[nodiscard]] inline void* allocate(std::size_t bytes) {
    if (bytes <= largest) [[likely]] {
        const auto c = class_of(bytes);
        if (auto* block = lists.first[c]) [[likely]] {
            lists.first[c] = block->next;
            ++lists.room[c];
            return block;
        }
    }
    return take_from_system(bytes);
}

// `bytes` as given to allocate; the thread may be another.
inline void release(void* block, std::size_t bytes) noexcept {
    if (bytes <= largest) [[likely]] {
        const auto c = class_of(bytes);
        if (lists.room[c] != 0) [[likely]] {
            --lists.room[c];
            lists.first[c] = ::new (block) Free{lists.first[c]};
            return;
        }
    }
    put_back(block, bytes);
}

// Blocks this thread had to ask the system for, since it began.
[[nodiscard]] inline std::uint64_t taken_from_system() noexcept { return lists.from_system; }

}  // namespace sluice::dsl::block_pool
