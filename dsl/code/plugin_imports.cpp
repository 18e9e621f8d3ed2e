#include "dsl/code/plugin_imports.hpp"

#include <fmt/format.h>

namespace sluice::dsl::code {

namespace {

struct Replacement {
    std::string_view plugin;
    std::string_view hint;
};

constexpr std::string_view of_databases =
    "databases come with a later version; until then write the values into an array, or into a text file that "
    "file(\"path\", \"address\") reads";
constexpr std::string_view of_caches = "caches come with a later version; remove the import and what uses it";

constexpr Replacement replacements[] = {
    {"csv", "write the values into an array, or into a text file that file(\"path\", \"address\") reads"},
    {"ldap", of_databases},
    {"mysql", of_databases},
    {"memcached", of_caches},
    {"redis", of_caches},
};

std::string hint_for(std::string_view plugin) {
    for (const auto& replacement : replacements)
        if (replacement.plugin == plugin) return std::string(replacement.hint);
    return "write what it does as a module in vSL, or as a program that cmd::build names";
}

}  // namespace

std::optional<PluginImport> plugin_import(std::string_view written) {
    constexpr std::string_view library = ".so";
    constexpr std::string_view prefix = "libvsmtp_plugin_";
    auto name = written.substr(written.rfind('/') + 1);
    const bool is_library = name.ends_with(library);
    if (is_library)
        name.remove_suffix(library.size());
    else if (name.ends_with(".vsl"))
        return std::nullopt;
    const bool is_of_vsmtp = name.starts_with(prefix);
    if (is_of_vsmtp) name.remove_prefix(prefix.size());
    if (name.empty() || !(is_library || is_of_vsmtp)) return std::nullopt;
    return PluginImport{fmt::format("the plugin '{}' is not available: this server loads no native plugins", name),
                        hint_for(name)};
}

}  // namespace sluice::dsl::code
