// Where scripts come from: the file system in the server, a map in tests and in `sluice eval`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::dsl {

class ScriptLoader {
  public:
    virtual ~ScriptLoader() = default;
    // The text of the script at a path as resolve_import() gives it; nothing if there is none that can be read.
    [[nodiscard]] virtual std::optional<std::string> load(const std::string& path) = 0;
    // Paths of the scripts beside this one, for "did you mean".
    [[nodiscard]] virtual std::vector<std::string> beside(const std::string& path) const = 0;
};

class FileLoader : public ScriptLoader {
  public:
    // Reads regular files only: an import must not wait for a FIFO or a terminal.
    [[nodiscard]] std::optional<std::string> load(const std::string& path) override;
    [[nodiscard]] std::vector<std::string> beside(const std::string& path) const override;
};

class MapLoader : public ScriptLoader {
  public:
    explicit MapLoader(std::map<std::string, std::string> scripts) : scripts_(std::move(scripts)) {}
    [[nodiscard]] std::optional<std::string> load(const std::string& path) override;
    [[nodiscard]] std::vector<std::string> beside(const std::string& path) const override;

  private:
    std::map<std::string, std::string> scripts_;
};

}  // namespace sluice::dsl
