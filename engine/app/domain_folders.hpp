// Where the directories of domains and the links that enable them are, for `sluice domain` and `sluice cert`.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/configuration.hpp"

namespace sluice::app {

struct DomainFolders {
    std::filesystem::path root;                                  // configuration directory, absolute
    std::filesystem::path available;                             // one directory for each domain
    std::filesystem::path enabled;                               // the links: config.app.vsl.domain_dir
    std::shared_ptr<const config::Configuration> configuration;  // null: it is broken, the paths are the usual ones

    // Without a usable configuration the usual directories count, and a note about it goes to standard error: the
    // commands that repair a configuration must work on a broken one. nullopt after an error: no such directory.
    [[nodiscard]] static std::optional<DomainFolders> find(const std::string& given);

    // Directory of a domain as it is or would be called; a directory named in Unicode is found by its A-label, too.
    [[nodiscard]] std::filesystem::path directory_of(const std::string& name) const;
    // Domains that have a directory, enabled or not, in alphabetical order.
    [[nodiscard]] std::vector<std::string> names() const;
    // Links in `enabled` that lead to the domain's directory, also if that is gone.
    [[nodiscard]] std::vector<std::filesystem::path> links_to(const std::string& name) const;
    // As scripts and messages write it: relative to the configuration directory if it is below.
    [[nodiscard]] std::string shown(const std::filesystem::path& path) const;
};

// The name as directories are called: lower case, A-labels. nullopt and `why` if it cannot be one.
[[nodiscard]] std::optional<std::string> domain_name(std::string_view given, std::string& why);

}  // namespace sluice::app
