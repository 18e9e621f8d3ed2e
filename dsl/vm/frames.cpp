#include "dsl/vm/frames.hpp"

#include <algorithm>

namespace sluice::dsl::vm {

namespace {
// Without a limit of the call depth the memory of the calls themselves must meet its own.
void count_frames(std::ptrdiff_t frames) { count_heap_bytes(frames * static_cast<std::ptrdiff_t>(sizeof(Frame))); }
}  // namespace

Frames::Frames(std::uint32_t most, Storage storage)
    : most_(most == 0 ? UINT32_MAX : most),
      begin_(std::move(storage.first)),
      top_(begin_.get()),
      end_(begin_.get() + std::min<std::size_t>(storage.second, most_)) {
    count_frames(end_ - begin_.get());
}

Frames::~Frames() { count_frames(begin_.get() - end_); }

Frames::Storage Frames::release_storage() noexcept {
    const auto capacity = static_cast<std::size_t>(end_ - begin_.get());
    count_frames(begin_.get() - end_);
    top_ = end_ = nullptr;
    return {std::move(begin_), capacity};
}

bool Frames::grow() {
    const auto count = size();
    if (count >= most_) return false;
    const auto larger = std::min<std::size_t>(most_, count == 0 ? 8 : count * 2);
    count_frames(static_cast<std::ptrdiff_t>(larger - count));
    auto frames = std::make_unique<Frame[]>(larger);
    std::move(begin_.get(), top_, frames.get());
    begin_ = std::move(frames);
    top_ = begin_.get() + count;
    end_ = begin_.get() + larger;
    return true;
}

}  // namespace sluice::dsl::vm
