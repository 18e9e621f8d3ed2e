// Registers and frames of machines that have ended, kept by their thread for the next one: a server makes a machine for
// every stage of every session.
#pragma once

#include <cstdint>
#include <memory>

#include "dsl/vm/frames.hpp"

namespace sluice::dsl::vm {

struct MachineMemory {
    std::unique_ptr<Value[]> registers;  // none of them holds anything on the heap
    std::uint32_t capacity = 0;
    Frames::Storage frames;

    // Empty if the thread keeps none.
    [[nodiscard]] static MachineMemory take();
    static void give_back(MachineMemory memory);
};

}  // namespace sluice::dsl::vm
