// A file that is written piece by piece while it is in use, and made durable when its writer says so: a segment of the
// spool's log. Goes through the same fault hook as durable_file.hpp. Functions block.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/io/descriptor.hpp"
#include "engine/io/durable_file.hpp"

namespace sluice::io {

// There is no more room for what was to be written: the disk, or the user's share of it, is full.
[[nodiscard]] bool is_full(std::error_code failed) noexcept;

class GrowingFile {
  public:
    GrowingFile() = default;
    // Creates `path`, which must not exist; its name is not durable before sync_directory().
    [[nodiscard]] std::error_code create(const std::filesystem::path& path, mode_t mode = kPrivateFile);
    // Opens a file that exists, to overwrite what is in it.
    [[nodiscard]] std::error_code open(const std::filesystem::path& path);
    // Takes a file that is open already.
    void adopt(Descriptor file, std::filesystem::path path) {
        file_ = std::move(file);
        path_ = std::move(path);
    }
    void close() { (void)file_.close(); }
    [[nodiscard]] bool is_open() const noexcept { return file_.open(); }

    // All parts, one behind the other, from `offset` on. After an error any part of them may be there.
    [[nodiscard]] std::error_code write(std::uint64_t offset, std::span<const std::string_view> parts);
    // Afterwards what was written is on stable storage. After an error nothing is known about any of it, and asking
    // again tells nothing either (the kernel reports a lost page once): the file must be given up.
    [[nodiscard]] std::error_code sync();
    [[nodiscard]] std::error_code truncate(std::uint64_t size);

    [[nodiscard]] int descriptor() const noexcept { return file_.number(); }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    [[nodiscard]] std::error_code opened(int flags, const std::filesystem::path& path, mode_t mode);

    std::filesystem::path path_;
    Descriptor file_;
};

}  // namespace sluice::io
