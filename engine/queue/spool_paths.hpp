// Where the parts of a spool are (record_format.hpp).
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace sluice::queue {

class SpoolPaths {
  public:
    explicit SpoolPaths(std::filesystem::path root) : root_(std::move(root)) {}

    [[nodiscard]] const std::filesystem::path& root() const noexcept { return root_; }
    [[nodiscard]] std::filesystem::path log() const { return root_ / "log"; }
    [[nodiscard]] std::filesystem::path large() const { return root_ / "large"; }
    // A message that is replaced has another checksum.
    [[nodiscard]] std::filesystem::path large_body(const std::string& id, std::uint32_t checksum) const {
        return large() / fmt::format("{}-{:08x}.eml", id, checksum);
    }
    [[nodiscard]] std::filesystem::path corrupt() const { return root_ / "corrupt"; }
    [[nodiscard]] std::filesystem::path lock() const { return root_ / "lock"; }

  private:
    std::filesystem::path root_;
};

}  // namespace sluice::queue
