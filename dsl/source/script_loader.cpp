#include "dsl/source/script_loader.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace sluice::dsl {

std::optional<std::string> FileLoader::load(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(in), {});
}

std::optional<std::string> MemoryLoader::load(const std::string& path) {
    if (const auto it = sources_.find(path); it != sources_.end()) return it->second;
    for (const auto& [name, text] : sources_)
        if (resolve_import("", name) == path) return text;
    return std::nullopt;
}

std::string resolve_import(std::string_view base_directory, std::string_view path) {
    std::filesystem::path resolved(path);
    if (resolved.is_relative() && !base_directory.empty()) resolved = std::filesystem::path(base_directory) / resolved;
    resolved.replace_extension(".vsl");
    return resolved.lexically_normal().string();
}

}  // namespace sluice::dsl
