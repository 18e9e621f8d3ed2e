// Memory of small heap objects. Rules make and drop many short-lived strings, so freed blocks of up to 256 bytes wait
// in lists of their thread, by size, for the next object: after warm-up a stage run asks the system for nothing. With a
// sanitizer every block goes to the system allocator, so that it can watch it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::dsl::block_pool {

// Never null: throws std::bad_alloc.
[[nodiscard]] void* allocate(std::size_t bytes);
// `bytes` as given to allocate; the thread may be another.
void release(void* block, std::size_t bytes) noexcept;

// Blocks this thread had to ask the system for, since it began.
[[nodiscard]] std::uint64_t taken_from_system() noexcept;

}  // namespace sluice::dsl::block_pool
