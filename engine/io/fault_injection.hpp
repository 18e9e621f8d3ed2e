// How tests make files fail: a hook that is asked before each step of durable_file.hpp, growing_file.hpp and
// shared_file.hpp, and when the spool opens one of its files to read it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace sluice::io {

enum class FileStep : std::uint8_t { create, write, sync, truncate, rename, sync_directory, remove, lock, read };

// Called before each step (for write: before each of two halves, so that a test can stop in the middle of a file). A
// number other than 0 is the errno with which the step fails without having been done; the hook may also end the
// process. Tests only. Setting another one waits until nobody is in it.
using FaultHook = std::function<int(FileStep step, const std::filesystem::path& path)>;
void set_fault_hook(FaultHook hook);

// For those files: whether there is a hook, and what it says.
[[nodiscard]] bool faults_injected() noexcept;
[[nodiscard]] int injected_fault(FileStep step, const std::filesystem::path& path);

}  // namespace sluice::io
