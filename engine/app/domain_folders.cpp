#include "engine/app/domain_folders.hpp"

#include <algorithm>
#include <iostream>

#include <fmt/format.h>

#include "engine/config/syntax.hpp"

namespace sluice::app {

namespace fs = std::filesystem;

std::optional<DomainFolders> DomainFolders::find(const std::string& given) {
    const fs::path path = fs::absolute(given.empty() ? "/etc/sluice" : given).lexically_normal();
    std::error_code error;
    DomainFolders folders;
    folders.root = fs::is_regular_file(path, error) || !path.has_filename() ? path.parent_path() : path;
    if (!fs::is_directory(folders.root, error)) {
        std::cerr << fmt::format("error: there is no configuration directory '{}'\n  hint: give one with -c\n",
                                 folders.root.string());
        return std::nullopt;
    }
    dsl::Diagnostics diagnostics;
    folders.configuration = config::load(given, diagnostics);
    folders.available = folders.root / "domain-available";
    folders.enabled = folders.root / "domain-enabled";
    if (folders.configuration) {
        folders.root = folders.configuration->root;
        folders.available = folders.root / "domain-available";
        if (!folders.configuration->domain_dir.empty()) folders.enabled = folders.configuration->domain_dir;
    } else {
        std::cerr << fmt::format(
            "note: the configuration has {} error(s), `sluice check -c {}` shows them; '{}' and '{}' are used\n",
            diagnostics.errors(), path.string(), folders.available.string(), folders.enabled.string());
    }
    return folders;
}

fs::path DomainFolders::directory_of(const std::string& name) const {
    std::error_code error;
    for (const auto& item : fs::directory_iterator(available, error))
        if (config::canonical_domain(item.path().filename().string()) == name) return item.path();
    return available / name;
}

std::vector<std::string> DomainFolders::names() const {
    std::vector<std::string> found;
    std::error_code error;
    for (const auto& item : fs::directory_iterator(available, error)) {
        const auto name = config::canonical_domain(item.path().filename().string());
        if (name && fs::is_directory(item.path(), error)) found.push_back(*name);
    }
    // Links may lead out of domain-available.
    for (const auto& item : fs::directory_iterator(enabled, error)) {
        const auto target = fs::canonical(item.path(), error);
        if (error || !fs::is_directory(target, error)) continue;
        if (const auto name = config::canonical_domain(target.filename().string())) found.push_back(*name);
    }
    if (configuration)
        for (const auto& domain : configuration->domains) found.push_back(domain.name);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

std::vector<fs::path> DomainFolders::links_to(const std::string& name) const {
    std::vector<fs::path> links;
    std::error_code error;
    for (const auto& item : fs::directory_iterator(enabled, error)) {
        if (!item.is_symlink()) continue;
        std::error_code unreadable;
        auto target = fs::canonical(item.path(), unreadable);
        if (unreadable) target = fs::read_symlink(item.path(), unreadable);
        if (!target.has_filename()) target = target.parent_path();
        if (config::canonical_domain(target.filename().string()) == name) links.push_back(item.path());
    }
    std::sort(links.begin(), links.end());
    return links;
}

std::string DomainFolders::shown(const fs::path& path) const {
    const auto relative = path.lexically_relative(root);
    return relative.empty() || *relative.begin() == ".." ? path.string() : relative.string();
}

std::optional<std::string> domain_name(std::string_view given, std::string& why) {
    const auto refuse = [&](std::string_view reason) {
        why = fmt::format("'{}' is not a domain name: {}", given, reason);
        return std::nullopt;
    };
    if (given.empty()) return refuse("it is empty");
    if (given.find_first_of("/\\ \t\r\n@*:") != std::string_view::npos)
        return refuse("write it like example.com, without blanks, '/', '@', ':' or '*'");
    if (given.front() == '.') return refuse("it begins with a dot");
    const auto name = config::canonical_domain(given);
    if (!name) return refuse("write it like example.com, with at most 253 characters");
    if (*name == "default")
        return refuse(
            "`default` is the name of the link that marks the default domain; use `sluice domain enable NAME "
            "--default`");
    bool letters = false;
    for (std::size_t begin = 0; begin <= name->size();) {
        const auto end = std::min(name->find('.', begin), name->size());
        const auto label = std::string_view(*name).substr(begin, end - begin);
        if (label.empty()) return refuse("it has an empty label");
        if (label.size() > 63) return refuse(fmt::format("the label '{}' is longer than 63 characters", label));
        if (label.front() == '-' || label.back() == '-')
            return refuse(fmt::format("the label '{}' begins or ends with '-'", label));
        for (const char c : label)
            if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
                return refuse(fmt::format("the label '{}' holds characters that a name cannot have", label));
        letters = label.find_first_not_of("0123456789") != std::string_view::npos;
        begin = end + 1;
    }
    if (!letters) return refuse("it looks like an IP address");
    return name;
}

}  // namespace sluice::app
