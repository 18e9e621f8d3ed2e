// <spool>/corrupt/: what could not be read is kept there under a name that says where it was, with a NAME.reason beside
// it; nothing reads it again. Keeping the same piece twice changes nothing.
#pragma once

#include <filesystem>
#include <string_view>
#include <system_error>

namespace sluice::queue {

[[nodiscard]] std::error_code keep_corrupt(const std::filesystem::path& directory, std::string_view name,
                                           std::string_view octets, std::string_view reason);

}  // namespace sluice::queue
