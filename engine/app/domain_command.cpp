// `sluice domain add|enable|disable|list`. A domain is enabled by a link and by nothing else, so `ln -s` does the same.
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "engine/app/commands.hpp"
#include "engine/app/domain_folders.hpp"
#include "engine/app/domain_templates.hpp"

namespace sluice::app {

namespace fs = std::filesystem;

namespace {

struct Arguments {
    std::string config;
    std::string name;
    bool as_default = false;
    bool json = false;
};

int fail(const std::string& text, const std::string& hint = {}) {
    std::cerr << "error: " << text << '\n';
    if (!hint.empty()) std::cerr << "  hint: " << hint << '\n';
    return 1;
}

// False after an error. Never replaces a file: an administrator may have written it.
bool write_new(const fs::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary | std::ios::out);
    file << text;
    file.close();
    if (!file)
        return fail(fmt::format("cannot write '{}': {}", path.string(), std::generic_category().message(errno))) == 0;
    return true;
}

bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::symlink_status(path, error).type() != fs::file_type::not_found;
}

int add(const Arguments& arguments) {
    std::string why;
    const auto name = domain_name(arguments.name, why);
    if (!name) return fail(why);
    const auto folders = DomainFolders::find(arguments.config);
    if (!folders) return 1;
    const auto directory = folders->directory_of(*name);
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) return fail(fmt::format("cannot make the directory '{}': {}", directory.string(), error.message()));
    const auto certificate = directory / "fullchain.pem";
    const auto key = directory / "privkey.pem";
    const auto with_tls = is_there(certificate);
    const std::pair<const char*, std::string> files[] = {
        {"config.vsl", (with_tls ? config_template : config_template_without_tls)(*name, folders->shown(certificate),
                                                                                  folders->shown(key))},
        {"incoming.vsl", incoming_template(*name)},
        {"outgoing.vsl", outgoing_template(*name)},
        {"internal.vsl", internal_template(*name)},
    };
    int written = 0;
    for (const auto& [file, text] : files) {
        const auto path = directory / file;
        if (is_there(path)) {
            std::cout << fmt::format("kept {}\n", folders->shown(path));
            continue;
        }
        if (!write_new(path, text)) return 1;
        std::cout << fmt::format("wrote {}\n", folders->shown(path));
        ++written;
    }
    if (written == 0)
        return fail(fmt::format("the domain {} has all its scripts already", *name),
                    "nothing was changed; edit the files above");
    if (!with_tls)
        std::cout << fmt::format("next: sluice cert self-signed {}, or put fullchain.pem and privkey.pem there\n",
                                 *name);
    std::cout << fmt::format("next: sluice domain enable {}\n", *name);
    return 0;
}

// Replaces a link in one step, so that a reload in between finds the old one or the new one.
std::error_code set_link(const fs::path& link, const fs::path& target) {
    const auto temporary = link.parent_path() / fmt::format(".{}.{}", link.filename().string(), ::getpid());
    std::error_code error;
    fs::create_directory_symlink(target, temporary, error);
    if (error) return error;
    fs::rename(temporary, link, error);
    if (error) {
        std::error_code ignored;
        fs::remove(temporary, ignored);
    }
    return error;
}

// 0, or 1 after an error.
int make_link(const DomainFolders& folders, const fs::path& link, const fs::path& directory,
              const std::vector<fs::path>& known) {
    if (std::find(known.begin(), known.end(), link) != known.end()) {
        std::cout << fmt::format("{} leads there already\n", folders.shown(link));
        return 0;
    }
    std::error_code error;
    if (is_there(link)) {
        if (!fs::is_symlink(link, error))
            return fail(fmt::format("'{}' is in the way: it is not a link", link.string()),
                        "move it to domain-available");
        std::cout << fmt::format("{} led to {} until now\n", folders.shown(link),
                                 fs::read_symlink(link, error).string());
    }
    const auto target = fs::proximate(directory, fs::canonical(folders.enabled, error), error);
    error = set_link(link, error ? directory : target);
    if (error) return fail(fmt::format("cannot make the link '{}': {}", link.string(), error.message()));
    std::cout << fmt::format("{} -> {}\n", folders.shown(link), fs::read_symlink(link, error).string());
    return 0;
}

// The directory of a domain that must be there; empty after an error.
fs::path known_directory(const DomainFolders& folders, const std::string& name) {
    const auto directory = folders.directory_of(name);
    std::error_code error;
    if (fs::is_directory(directory, error)) return fs::canonical(directory, error);
    const auto names = folders.names();
    const auto near = dsl::did_you_mean(name, {names.begin(), names.end()});
    fail(fmt::format("there is no domain {}: '{}' does not exist", name, directory.string()),
         near.empty() ? fmt::format("make it with `sluice domain add {}`", name)
                      : fmt::format("did you mean {}?", near));
    return {};
}

int enable(const Arguments& arguments) {
    std::string why;
    const auto name = domain_name(arguments.name, why);
    if (!name) return fail(why);
    const auto folders = DomainFolders::find(arguments.config);
    if (!folders) return 1;
    const auto directory = known_directory(*folders, *name);
    if (directory.empty()) return 1;
    std::error_code error;
    if (fs::equivalent(folders->available, folders->enabled, error)) {
        if (arguments.as_default)
            return fail("every domain is enabled: config.app.vsl.domain_dir is domain-available itself",
                        "write config.is_default = true; in its config.vsl");
        std::cout << "every domain is enabled: config.app.vsl.domain_dir is domain-available itself\n";
        return 0;
    }
    fs::create_directories(folders->enabled, error);
    if (error)
        return fail(fmt::format("cannot make the directory '{}': {}", folders->enabled.string(), error.message()));
    const auto known = folders->links_to(*name);
    if (make_link(*folders, folders->enabled / directory.filename(), directory, known) != 0) return 1;
    if (arguments.as_default && make_link(*folders, folders->enabled / "default", directory, known) != 0) return 1;
    std::cout << "a running server sees it after: sluice reload\n";
    return 0;
}

int disable(const Arguments& arguments) {
    std::string why;
    const auto name = domain_name(arguments.name, why);
    if (!name) return fail(why);
    const auto folders = DomainFolders::find(arguments.config);
    if (!folders) return 1;
    const auto links = folders->links_to(*name);
    std::error_code error;
    if (links.empty()) {
        if (fs::is_directory(folders->enabled / *name, error))
            return fail(fmt::format("'{}' is a directory, not a link", (folders->enabled / *name).string()),
                        "move it to domain-available; only links are removed");
        if (known_directory(*folders, *name).empty()) return 1;
        std::cout << fmt::format("{} is not enabled\n", *name);
        return 0;
    }
    for (const auto& link : links) {
        if (!fs::remove(link, error))
            return fail(fmt::format("cannot remove the link '{}': {}", link.string(), error.message()));
        std::cout << fmt::format("removed {}\n", folders->shown(link));
    }
    std::cout << "a running server sees it after: sluice reload\n";
    return 0;
}

struct Row {
    std::string name;
    bool enabled = false;
    bool is_default = false;
    bool certificate = false;
};

Row describe(const DomainFolders& folders, const std::string& name) {
    Row row{name};
    std::error_code error;
    for (const auto& link : folders.links_to(name)) {
        row.enabled = true;
        row.is_default = row.is_default || link.filename() == "default";
    }
    row.certificate = is_there(folders.directory_of(name) / "fullchain.pem");
    if (!folders.configuration) return row;
    for (const auto& domain : folders.configuration->domains) {
        if (domain.name != name) continue;
        row.enabled = true;
        row.is_default = domain.is_default;
    }
    // What an enabled domain configures counts more than what lies about.
    for (const auto& tls : folders.configuration->tls_domains)
        if (tls.domain == name && !tls.certificates.empty())
            row.certificate = is_there(tls.certificates.front().certificate);
    return row;
}

int list(const Arguments& arguments) {
    const auto folders = DomainFolders::find(arguments.config);
    if (!folders) return 1;
    std::vector<Row> rows;
    for (const auto& name : folders->names()) rows.push_back(describe(*folders, name));
    if (arguments.json) {
        boost::json::array all;
        for (const auto& row : rows)
            all.push_back({{"name", row.name},
                           {"enabled", row.enabled},
                           {"default", row.is_default},
                           {"certificate", row.certificate}});
        std::cout << boost::json::serialize(all) << '\n';
        return 0;
    }
    if (rows.empty()) {
        std::cout << fmt::format("no domain in {}; make one with `sluice domain add NAME`\n",
                                 folders->available.string());
        return 0;
    }
    std::size_t width = 6;
    for (const auto& row : rows) width = std::max(width, row.name.size());
    const auto mark = [](bool yes) { return yes ? "yes" : "-"; };
    std::cout << fmt::format("{:<{}}  {:<7}  {:<7}  {}\n", "DOMAIN", width, "ENABLED", "DEFAULT", "CERTIFICATE");
    for (const auto& row : rows)
        std::cout << fmt::format("{:<{}}  {:<7}  {:<7}  {}\n", row.name, width, mark(row.enabled), mark(row.is_default),
                                 mark(row.certificate));
    return 0;
}

}  // namespace

void add_domain(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<Arguments>();
    auto* domain = app.add_subcommand("domain", "Add, enable, disable and list domains");
    domain->require_subcommand(1);
    domain->add_option("-c,--config", arguments->config,
                       "configuration directory or root script (default /etc/sluice)");
    const auto command = [&](const char* name, const char* description, int (*run)(const Arguments&)) {
        auto* sub = domain->add_subcommand(name, description)->fallthrough();  // -c may stand behind, too
        sub->callback([arguments, run, &exit_code] { exit_code = run(*arguments); });
        return sub;
    };
    command("add", "Write the scripts of a new domain into domain-available", add)
        ->add_option("NAME", arguments->name, "domain, like example.com")
        ->required();
    auto* on = command("enable", "Make the link domain-enabled/NAME", enable);
    on->add_option("NAME", arguments->name, "domain, like example.com")->required();
    on->add_flag("--default", arguments->as_default, "also make it the domain of clients that send no server name");
    command("disable", "Remove the links to the domain", disable)
        ->add_option("NAME", arguments->name, "domain, like example.com")
        ->required();
    command("list", "Show the domains", list)->add_flag("--json", arguments->json, "print JSON");
}

}  // namespace sluice::app
