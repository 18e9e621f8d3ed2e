// The calls of a machine, the running one last. Pushing and popping is a few instructions: it happens at every call.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "dsl/code/program.hpp"

namespace sluice::dsl::vm {

struct Frame {
    const Function* function;  // null: a native task, the last of the machine's tasks
    const code::Instruction* pc;
    std::uint32_t base;       // first of its registers
    std::uint32_t return_to;  // register for the result
    Value closure;            // the FnObject running, for its captures
    bool this_bound;
    bool this_constant;
    bool this_changed;  // something was assigned to a part of it
};

class Frames {
  public:
    using Storage = std::pair<std::unique_ptr<Frame[]>, std::size_t>;
    // `most`: how many there may be; 0: as many as fit into memory. `storage`: of frames that are no longer.
    Frames(std::uint32_t most, Storage storage);
    // Of no frames any more.
    [[nodiscard]] Storage release_storage() noexcept;
    ~Frames();
    Frames(const Frames&) = delete;
    Frames& operator=(const Frames&) = delete;
    [[nodiscard]] bool empty() const noexcept { return top_ == begin_.get(); }
    [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(top_ - begin_.get()); }
    [[nodiscard]] Frame& back() noexcept { return top_[-1]; }
    [[nodiscard]] const Frame& back() const noexcept { return top_[-1]; }
    [[nodiscard]] Frame& operator[](std::size_t i) noexcept { return begin_[i]; }
    [[nodiscard]] const Frame& operator[](std::size_t i) const noexcept { return begin_[i]; }
    // Null if there are as many as there may be. References to others end.
    [[nodiscard]] Frame* push(const Function* function, const code::Instruction* pc, std::uint32_t base,
                              std::uint32_t return_to) {
        if (top_ == end_ && !grow()) [[unlikely]]
            return nullptr;
        top_->function = function;
        top_->pc = pc;
        top_->base = base;
        top_->return_to = return_to;
        top_->this_bound = top_->this_constant = top_->this_changed = false;
        return top_++;
    }
    void pop() noexcept {
        --top_;
        if (top_->closure.on_heap()) top_->closure = Value();
    }

  private:
    bool grow();

    std::uint32_t most_;
    std::unique_ptr<Frame[]> begin_;
    Frame* top_ = nullptr;
    Frame* end_ = nullptr;
};

}  // namespace sluice::dsl::vm
