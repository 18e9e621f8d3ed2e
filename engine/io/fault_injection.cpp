#include "engine/io/fault_injection.hpp"

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <utility>

namespace sluice::io {

namespace {

struct Injection {
    std::atomic<bool> any = false;
    std::shared_mutex mutex;  // several threads may be in the hook
    FaultHook hook;
};

Injection& injection() {
    static Injection one;
    return one;
}

}  // namespace

void set_fault_hook(FaultHook hook) {
    auto& [any, mutex, current] = injection();
    const std::lock_guard lock(mutex);
    any = static_cast<bool>(hook);
    current = std::move(hook);
}

bool faults_injected() noexcept { return injection().any; }

int injected_fault(FileStep step, const std::filesystem::path& path) {
    auto& [any, mutex, hook] = injection();
    if (!any) return 0;
    const std::shared_lock lock(mutex);
    return hook ? hook(step, path) : 0;
}

}  // namespace sluice::io
