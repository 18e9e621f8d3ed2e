// `sluice migrate momentum|postfix|hermes`: another product's configuration as vSL, and a report of every option.
#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "dsl/diag/render.hpp"
#include "engine/app/commands.hpp"
#include "engine/io/durable_file.hpp"
#include "engine/migrate/migration.hpp"

namespace sluice::app {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using migrate::Migration;
using migrate::Outcome;

using Migrate = std::optional<Migration> (*)(const std::string&, dsl::Diagnostics&);

struct Arguments {
    std::string product;
    std::string path;
    std::string directory;
    bool as_json = false;
};

constexpr int not_all = 1;
constexpr int unusable = 2;

int refuse(const std::string& text, const std::string& hint) {
    std::cerr << fmt::format("error: {}\n  hint: {}\n", text, hint);
    return unusable;
}

// All files or none: what an administrator wrote is not replaced.
int write_files(const Migration& migration, const fs::path& directory) {
    std::error_code error;
    for (const auto& file : migration.files)
        if (fs::symlink_status(directory / file.path, error).type() != fs::file_type::not_found)
            return refuse(fmt::format("'{}' exists, nothing was written", (directory / file.path).string()),
                          "give another directory, or move the file away");
    for (const auto& file : migration.files) {
        const auto path = directory / file.path;
        if (const auto failed = io::make_directories(path.parent_path(), 0755))
            return refuse(
                fmt::format("cannot make the directory '{}': {}", path.parent_path().string(), failed.message()),
                "give a directory that you may write to");
        const std::string_view text = file.text;
        if (const auto failed = io::create_file(path, std::span(&text, 1), 0644))
            return refuse(fmt::format("cannot write '{}': {}", path.string(), failed.message()),
                          "give a directory that you may write to");
    }
    return 0;
}

json::array remarks(const Migration& migration, Outcome outcome) {
    json::array out;
    for (const auto& remark : migration.report.all()) {
        if (remark.outcome != outcome) continue;
        json::object entry{{"file", remark.place.file}, {"line", remark.place.line}, {"option", remark.option}};
        entry[outcome == Outcome::carried ? "to" : outcome == Outcome::notice ? "text" : "why"] = remark.text;
        if (!remark.instead.empty()) entry["instead"] = remark.instead;
        out.push_back(std::move(entry));
    }
    return out;
}

void print_json(const Migration& migration, const Arguments& arguments) {
    json::array files;
    for (const auto& file : migration.files) files.push_back({{"path", file.path}, {"text", file.text}});
    json::array next;
    for (const auto& step : migration.next_steps) next.push_back(json::value(step));
    std::cout << json::serialize(json::object{{"product", arguments.product},
                                              {"files", std::move(files)},
                                              {"written", !arguments.directory.empty()},
                                              {"carried", remarks(migration, Outcome::carried)},
                                              {"notices", remarks(migration, Outcome::notice)},
                                              {"not_carried", remarks(migration, Outcome::not_carried)},
                                              {"next", std::move(next)}})
              << '\n';
}

// The configuration goes to standard output, so that it can be redirected; what is said about it does not.
void print_text(const Migration& migration, const Arguments& arguments) {
    const bool written = !arguments.directory.empty();
    for (const auto& file : migration.files) {
        if (written)
            std::cout << fmt::format("wrote {}\n", (fs::path(arguments.directory) / file.path).string());
        else
            std::cout << fmt::format("==> {} <==\n{}\n", file.path, file.text);
    }
    std::cout.flush();
    auto& told = written ? std::cout : std::cerr;
    told << migrate::render(migration.report);
    if (!written) return;
    told << fmt::format("next, in {}:\n", arguments.directory);
    for (const auto& step : migration.next_steps) told << "  " << step << '\n';
}

int run(const Arguments& arguments, Migrate migrate) {
    dsl::Diagnostics diagnostics;
    const auto migration = migrate(arguments.path, diagnostics);
    if (!migration) {
        if (arguments.as_json) std::cout << dsl::render_json(diagnostics.all()) << '\n';
        std::cerr << dsl::render(diagnostics.all());
        return unusable;
    }
    if (!arguments.directory.empty())
        if (const int failed = write_files(*migration, arguments.directory)) return failed;
    if (arguments.as_json)
        print_json(*migration, arguments);
    else
        print_text(*migration, arguments);
    return migration->report.count(Outcome::not_carried) == 0 ? 0 : not_all;
}

}  // namespace

void add_migrate(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("migrate", "Turn another product's TLS, listeners and delivery scopes into vSL");
    command->require_subcommand(1);
    const auto product = [&](const char* name, const char* about, const char* what, const char* path, Migrate migrate) {
        auto arguments = std::make_shared<Arguments>();
        arguments->product = name;
        auto* sub = command->add_subcommand(name, about);
        sub->add_option(what, arguments->path, path)->required();
        sub->add_option("--to", arguments->directory, "write the files below this directory; nothing is overwritten");
        sub->add_flag("--json", arguments->as_json, "print files and report as JSON");
        sub->callback([arguments, migrate, &exit_code] { exit_code = run(*arguments, migrate); });
    };
    product("momentum", "Momentum: ecelerity.conf and what it includes", "FILE", "ecelerity.conf",
            migrate::migrate_momentum);
    product("postfix", "Postfix: main.cf, master.cf and its TLS policy tables", "DIR", "directory with main.cf",
            migrate::migrate_postfix);
    product("hermes", "Hermes SEG: the policy table of its TLS settings", "FILE",
            "tls_policy, or the table tls_policies as `mysql --batch` prints it", migrate::migrate_hermes);
}

}  // namespace sluice::app
