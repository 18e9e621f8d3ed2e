#include "engine/queue/corrupt_store.hpp"

#include <array>
#include <string>

#include "engine/io/durable_file.hpp"

namespace sluice::queue {

std::error_code keep_corrupt(const std::filesystem::path& directory, std::string_view name, std::string_view octets,
                             std::string_view reason) {
    const auto path = directory / name;
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return {};
    const auto reason_path = directory / (std::string(name) + ".reason");
    const std::array<std::string_view, 2> reason_parts = {reason, "\n"};
    if (const auto failed = io::replace_file(reason_path, directory / "reason.new", reason_parts)) return failed;
    const std::array<std::string_view, 1> parts = {octets};
    return io::replace_file(path, directory / "piece.new", parts);
}

}  // namespace sluice::queue
