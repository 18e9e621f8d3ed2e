// A directory of one test: empty at first, gone with everything in it when the object ends.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace sluice::test {

class TemporaryDirectory {
  public:
    enum class Where : std::uint8_t {
        disk,    // where temporary files belong (TMPDIR)
        memory,  // /dev/shm if there is one: for tests that call fsync often and do not need a real disk
    };
    explicit TemporaryDirectory(Where where = Where::disk) {
        const std::filesystem::path memory = "/dev/shm";
        const bool in_memory = where == Where::memory && ::access(memory.c_str(), W_OK) == 0;
        auto pattern = ((in_memory ? memory : std::filesystem::temp_directory_path()) / "sluice-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            std::perror(pattern.c_str());
            std::abort();
        }
        path_ = pattern;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;  // what is left over disturbs nobody
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

}  // namespace sluice::test
