#include "dsl/vm/machine_memory.hpp"

#include <vector>

namespace sluice::dsl::vm {

namespace {

constexpr std::size_t kept = 16;
constexpr std::uint32_t largest_kept = 1024;  // registers
constinit thread_local bool closed = false;   // the thread ends

struct Spare {
    std::vector<MachineMemory> memories;
    ~Spare() { closed = true; }
};
thread_local Spare spare;

}  // namespace

MachineMemory MachineMemory::take() {
    if (closed || spare.memories.empty()) return {};
    auto memory = std::move(spare.memories.back());
    spare.memories.pop_back();
    return memory;
}

void MachineMemory::give_back(MachineMemory memory) {
    if (closed || memory.capacity > largest_kept || spare.memories.size() >= kept) return;
    spare.memories.push_back(std::move(memory));
}

}  // namespace sluice::dsl::vm
