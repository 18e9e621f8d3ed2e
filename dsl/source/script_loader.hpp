// Where scripts come from and what an import path means (vsl-rules.md 1.3).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::dsl {

class ScriptLoader {
  public:
    virtual ~ScriptLoader() = default;
    // Text of the script at this path, or nullopt if there is none.
    [[nodiscard]] virtual std::optional<std::string> load(const std::string& path) = 0;
};

class FileLoader final : public ScriptLoader {
  public:
    [[nodiscard]] std::optional<std::string> load(const std::string& path) override;
};

// Sources held in memory, by path with or without the extension.
class MemoryLoader final : public ScriptLoader {
  public:
    explicit MemoryLoader(std::map<std::string, std::string> sources) : sources_(std::move(sources)) {}
    [[nodiscard]] std::optional<std::string> load(const std::string& path) override;

  private:
    std::map<std::string, std::string> sources_;
};

// Relative paths start at the directory of the root configuration, never at the importing file; the extension of the
// last component is replaced by .vsl. "objects/net" -> "/etc/sluice/objects/net.vsl". An empty base leaves relative
// paths relative.
[[nodiscard]] std::string resolve_import(std::string_view base_directory, std::string_view path);

}  // namespace sluice::dsl
