// Domain directories: what is linked into domain_dir is enabled (vsl-rules.md 1.2, tls.md 2.4).
#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "engine/config/defaults.hpp"
#include "engine/config/loading.hpp"
#include "engine/config/script.hpp"
#include "engine/config/syntax.hpp"

namespace sluice::config {

namespace fs = std::filesystem;

namespace {

struct Entry {
    fs::path link;       // as it stands in domain_dir
    fs::path directory;  // what it points to
};

std::vector<Entry> entries_of(Loading& loading) {
    std::vector<Entry> entries;
    std::error_code error;
    if (!fs::exists(loading.config.domain_dir, error)) {
        loading.diagnostics.add(dsl::Code::config_notice, nullptr, {},
                                fmt::format("no domain is enabled: '{}' does not exist", loading.config.domain_dir),
                                "`sluice domain enable NAME` makes it");
        return entries;
    }
    for (const auto& item : fs::directory_iterator(loading.config.domain_dir, error)) {
        const auto target = fs::canonical(item.path(), error);
        if (error && item.is_symlink()) {
            loading.diagnostics.add(dsl::Code::config_domain, nullptr, {},
                                    fmt::format("'{}' points to a directory that does not exist", item.path().string()),
                                    "remove the link with `sluice domain disable`, or restore its target");
            error.clear();
            continue;
        }
        if (fs::is_directory(target, error)) entries.push_back({item.path(), target});
    }
    if (error)
        loading.diagnostics.add(
            dsl::Code::config_domain, nullptr, {},
            fmt::format("Cannot read domain directory in '{}': {}", loading.config.domain_dir, error.message()));
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.link < b.link; });
    return entries;
}

// The name is that of the target; a link called `default` marks it.
void add_domain(Loading& loading, const Entry& entry, std::map<std::string, std::size_t>& seen) {
    auto& config = loading.config;
    const bool is_default = entry.link.filename() == "default";
    const auto written = entry.directory.filename().string();
    const auto name = canonical_domain(written);
    if (!name) {
        loading.diagnostics.add(dsl::Code::config_domain, nullptr, {},
                                fmt::format("'{}' is not a domain name", entry.directory.string()),
                                "domain directories are named like the domain");
        return;
    }
    if (const auto known = seen.find(*name); known != seen.end()) {
        auto& domain = config.domains[known->second];
        domain.is_default = domain.is_default || is_default;
        domain.from_directory = true;
        if (domain.directory.empty()) domain.directory = entry.directory.string();
        if (fs::path(domain.directory) != entry.directory)
            loading.diagnostics.add(dsl::Code::config_domain, nullptr, {},
                                    fmt::format("the domain '{}' has two directories: '{}' and '{}'", *name,
                                                domain.directory, entry.directory.string()),
                                    "remove one of the two links with `sluice domain disable`");
        return;
    }
    Domain domain{*name, entry.directory.string(), is_default, true};
    const auto script = entry.directory / "config.vsl";
    std::error_code error;
    if (fs::is_regular_file(script, error)) {
        const auto shown =
            (fs::path(config.domain_dir).lexically_relative(config.root) / entry.link.filename() / "config.vsl")
                .string();
        if (auto result = run_script(script.string(), shown, config.root, "on_domain_config", domain_defaults(),
                                     loading.diagnostics)) {
            Context context{loading.diagnostics, result->sources};
            Reader keys(context, result->value, "config");
            read_domain(loading, keys, domain, {shown, 1, 1});
        }
    }
    seen[*name] = config.domains.size();
    config.domains.push_back(std::move(domain));
}

}  // namespace

void scan_domains(Loading& loading, Context&) {
    auto& config = loading.config;
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < config.domains.size(); ++i) seen[config.domains[i].name] = i;
    if (!config.domain_dir.empty())
        for (const auto& entry : entries_of(loading)) add_domain(loading, entry, seen);
    const Domain* chosen = nullptr;
    for (auto& domain : config.domains) {
        if (!domain.is_default) continue;
        if (chosen) {
            const auto& marked = domain.default_source ? domain : *chosen;
            loading.diagnostics.add(
                dsl::Code::config_domain, marked.default_source, marked.default_span,
                fmt::format("two domains are the default: '{}' and '{}'", chosen->name, domain.name),
                "keep one link called `default` or one `is_default: true`");
        }
        chosen = &domain;
        for (auto& tls : config.tls_domains)
            if (tls.domain == domain.name) tls.is_default = true;
    }
}

}  // namespace sluice::config
