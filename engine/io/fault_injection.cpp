#include "engine/io/fault_injection.hpp"

#include <utility>

namespace sluice::io {

namespace {

FaultHook& fault_hook() {
    static FaultHook hook;
    return hook;
}

}  // namespace

void set_fault_hook(FaultHook hook) { fault_hook() = std::move(hook); }

bool faults_injected() noexcept { return static_cast<bool>(fault_hook()); }

int injected_fault(FileStep step, const std::filesystem::path& path) {
    const FaultHook& hook = fault_hook();
    return hook ? hook(step, path) : 0;
}

}  // namespace sluice::io
