// Imports of vSMTP's native plugins (vsl-rules.md 9.15). This server loads no native code for rules: what such an
// import asks for is said, and what to use instead.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::dsl::code {

struct PluginImport {
    std::string message;
    std::string hint;
};

// Nothing if the path, as it is written, names no plugin: no ".so", no "libvsmtp_plugin_X" as its last component.
[[nodiscard]] std::optional<PluginImport> plugin_import(std::string_view written);

}  // namespace sluice::dsl::code
