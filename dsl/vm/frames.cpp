#include "dsl/vm/frames.hpp"

#include <algorithm>

namespace sluice::dsl::vm {

Frames::~Frames() {
    count_heap_bytes(-static_cast<std::int64_t>((end_ - begin_.get()) * static_cast<std::ptrdiff_t>(sizeof(Frame))));
}

bool Frames::grow() {
    const auto count = size();
    if (count >= most_) return false;
    const auto larger = std::min<std::size_t>(most_, count == 0 ? 8 : count * 2);
    // Without a limit of the call depth the memory of the calls themselves must meet its own.
    count_heap_bytes(static_cast<std::int64_t>((larger - count) * sizeof(Frame)));
    auto frames = std::make_unique<Frame[]>(larger);
    std::move(begin_.get(), top_, frames.get());
    begin_ = std::move(frames);
    top_ = begin_.get() + count;
    end_ = begin_.get() + larger;
    return true;
}

}  // namespace sluice::dsl::vm
