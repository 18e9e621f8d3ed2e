#include "engine/config/configuration.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "engine/config/defaults.hpp"
#include "engine/config/loading.hpp"
#include "engine/config/script.hpp"
#include "engine/config/shown_values.hpp"

namespace sluice::config {

namespace fs = std::filesystem;

namespace {

bool is_file(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
}

// The scripts whose on_config is called, in order (decisions.md, "root script"). Sets the root directory.
std::vector<fs::path> find_scripts(const std::string& given, Configuration& config, dsl::Diagnostics& diagnostics) {
    const fs::path path = fs::absolute(given.empty() ? "/etc/sluice" : given).lexically_normal();
    std::error_code error;
    if (is_file(path)) {
        config.root = path.parent_path().string();
        return {path};
    }
    config.root = path.has_filename() ? path.string() : path.parent_path().string();
    if (!fs::is_directory(path, error)) {
        diagnostics.add(dsl::Code::config_missing, nullptr, {},
                        fmt::format("there is no configuration at '{}'", path.string()),
                        "give a directory or a root script with -c; `sluice run -c .` works in a clone of Sluice");
        return {};
    }
    for (const auto* name : {"sluice.vsl", "vsmtp.vsl"})
        if (is_file(path / name)) return {path / name};
    std::vector<fs::path> scripts;
    for (const auto& entry : fs::directory_iterator(path / "conf.d", error))
        if (entry.path().extension() == ".vsl" && is_file(entry.path())) scripts.push_back(entry.path());
    std::sort(scripts.begin(), scripts.end());
    if (scripts.empty())
        diagnostics.add(dsl::Code::config_missing, nullptr, {},
                        fmt::format("'{}' holds neither sluice.vsl nor vsmtp.vsl nor conf.d/*.vsl", path.string()),
                        "write conf.d/config.vsl with fn on_config(config) { config }");
    return scripts;
}

std::string shown(const fs::path& script, const std::string& root) {
    const auto relative = script.lexically_relative(root);
    return relative.empty() || relative.native().starts_with("..") ? script.string() : relative.string();
}

void use_default_paths(Configuration& config) {
    std::error_code error;
    if (config.filter_path.empty() && is_file(fs::path(config.root) / "filter.vsl"))
        config.filter_path = (fs::path(config.root) / "filter.vsl").string();
    if (config.domain_dir.empty() && fs::is_directory(fs::path(config.root) / "domain-enabled", error))
        config.domain_dir = (fs::path(config.root) / "domain-enabled").string();
}

}  // namespace

std::string Loading::below_root(const std::string& path) const {
    if (path.empty() || fs::path(path).is_absolute()) return path;
    return (fs::path(config.root) / path).lexically_normal().string();
}

std::string Loading::resolve(Reader& reader, std::string_view key, const std::string& path) {
    if (path.empty() || fs::path(path).is_absolute()) return path;
    const auto here = below_root(path);
    std::error_code error;
    if (!fs::exists(here, error) && fs::exists(path, error)) {
        reader.warning(key, fmt::format("'{}' exists only below the working directory and is used from there", path),
                       fmt::format("relative paths start at the configuration directory {}", config.root));
        return fs::absolute(path).lexically_normal().string();
    }
    return here;
}

namespace {

// Everything but the domains; false if on_config itself could not be run.
bool load_into(const std::string& path, Configuration& config, Context& context, dsl::Diagnostics& diagnostics,
               std::vector<ScriptResult>& results) {
    const auto scripts = find_scripts(path, config, diagnostics);
    if (scripts.empty()) return false;
    results.emplace_back().value = root_defaults();
    for (const auto& script : scripts) {
        auto next = run_script(script.string(), shown(script, config.root), config.root, "on_config",
                               results.back().value, diagnostics);
        if (!next) return false;
        // Its map holds what earlier scripts put there, and that may be constants of their programs.
        next->keeps = std::make_shared<std::pair<std::shared_ptr<void>, std::shared_ptr<void>>>(results.back().keeps,
                                                                                                std::move(next->keeps));
        results.push_back(std::move(*next));
        config.root_script = script.string();
    }
    for (auto step = results.rbegin(); step != results.rend(); ++step)
        context.sources.insert(context.sources.end(), step->sources.begin(), step->sources.end());
    Loading loading{config, diagnostics};
    config.shown = show(results.back().value);
    Reader root(context, results.back().value, "config");
    read_root(loading, root);
    return true;
}

}  // namespace

std::shared_ptr<const Configuration> load(const std::string& path, dsl::Diagnostics& diagnostics) {
    const auto before = diagnostics.errors();
    auto config = load_with_errors(path, diagnostics);
    return diagnostics.errors() == before ? config : nullptr;
}

std::shared_ptr<const Configuration> load_with_errors(const std::string& path, dsl::Diagnostics& diagnostics) {
    auto config = std::make_shared<Configuration>();
    Context context{diagnostics, {}};
    std::vector<ScriptResult> results;
    if (!load_into(path, *config, context, diagnostics, results)) return nullptr;
    use_default_paths(*config);
    Loading loading{*config, diagnostics};
    scan_domains(loading, context);
    return config;
}

std::string load_run_dir(const std::string& path, dsl::Diagnostics& diagnostics) {
    Configuration config;
    Context context{diagnostics, {}};
    std::vector<ScriptResult> results;
    return load_into(path, config, context, diagnostics, results) ? config.run_dir : "";
}

}  // namespace sluice::config
