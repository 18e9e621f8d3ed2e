#include "dsl/source/script_loader.hpp"

#include <algorithm>
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

std::vector<std::string> FileLoader::beside(const std::string& path) const {
    std::vector<std::string> paths;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(path).parent_path(), error))
        if (entry.path().extension() == ".vsl") paths.push_back(entry.path().string());
    std::sort(paths.begin(), paths.end());
    return paths;
}

std::optional<std::string> MapLoader::load(const std::string& path) {
    const auto found = scripts_.find(path);
    if (found == scripts_.end()) return std::nullopt;
    return found->second;
}

std::vector<std::string> MapLoader::beside(const std::string&) const {
    std::vector<std::string> paths;
    for (const auto& [path, text] : scripts_) paths.push_back(path);
    return paths;
}

}  // namespace sluice::dsl
