// Running on_config and on_domain_config: the same compiler and machine as the rules, another set of functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dsl/diag/diagnostic.hpp"
#include "dsl/value/objects.hpp"

namespace sluice::config {

struct ScriptResult {
    std::shared_ptr<void> keeps;          // what the value points into: declared first, dies last
    dsl::Value value;                     // the map it returned
    std::vector<dsl::SourcePtr> sources;  // the script and what it imports
};

// Calls `function`(argument) of the script. nullopt after a diagnostic.
[[nodiscard]] std::optional<ScriptResult> run_script(const std::string& path, const std::string& shown_name,
                                                     const std::string& base_directory, std::string_view function,
                                                     dsl::Value argument, dsl::Diagnostics& diagnostics);

}  // namespace sluice::config
