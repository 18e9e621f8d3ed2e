#include "dsl/source/script_loader.hpp"

#include <filesystem>
#include <fstream>
#include <system_error>

namespace sluice::dsl {

std::optional<std::string> FileLoader::load(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (file.bad()) return std::nullopt;
    return text;
}

std::optional<std::string> MapLoader::load(const std::string& path) {
    const auto found = scripts_.find(path);
    if (found == scripts_.end()) return std::nullopt;
    return found->second;
}

}  // namespace sluice::dsl
