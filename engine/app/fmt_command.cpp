// `sluice fmt`: formats scripts in place. A file is replaced as a whole or not at all, and keeps its mode and owner.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "dsl/diag/render.hpp"
#include "dsl/format/format.hpp"
#include "dsl/source/script_loader.hpp"
#include "engine/app/commands.hpp"
#include "engine/io/durable_file.hpp"

namespace sluice::app {

namespace {

namespace fs = std::filesystem;

struct FmtArguments {
    std::vector<std::string> paths;
    bool check = false;
    bool standard_input = false;
};

int complain(const std::string& path, const std::string& what) {
    std::cerr << fmt::format("{}: {}\n", path, what);
    return 1;
}

std::optional<std::string> formatted(const std::string& name, std::string text) {
    dsl::Diagnostics diagnostics;
    auto result = dsl::format::format(std::make_shared<dsl::SourceFile>(name, std::move(text)), {}, diagnostics);
    std::cerr << dsl::render(diagnostics.all());
    return result;
}

bool is_hidden(const fs::path& path) {
    const auto name = path.filename().string();
    return name.size() > 1 && name.front() == '.';
}

// The scripts below a directory; links to directories are not followed: what domain-enabled links to is formatted where
// it stands.
int scripts_below(const fs::path& directory, std::vector<fs::path>& found) {
    std::error_code error;
    auto entries = fs::recursive_directory_iterator(directory, error);
    for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
        const auto& path = entries->path();
        std::error_code ignored;
        if (is_hidden(path)) {
            entries.disable_recursion_pending();
        } else if (path.extension() == ".vsl" && entries->is_regular_file(ignored)) {
            found.push_back(path);
        }
    }
    return error ? complain(directory.string(), error.message()) : 0;
}

int replace_file(const fs::path& path, const std::string& text) {
    struct ::stat before {};
    if (::stat(path.c_str(), &before) != 0) return complain(path.string(), std::generic_category().message(errno));
    const auto temporary = path.parent_path() / fmt::format(".{}.{}.tmp", path.filename().string(), ::getpid());
    const std::string_view part = text;
    if (const auto error = io::create_file(temporary, std::span(&part, 1)))
        return complain(temporary.string(), error.message());
    struct ::stat made {};
    std::error_code error;
    const bool same_owner =
        ::stat(temporary.c_str(), &made) == 0 && made.st_uid == before.st_uid && made.st_gid == before.st_gid;
    if ((!same_owner && ::chown(temporary.c_str(), before.st_uid, before.st_gid) != 0) ||
        ::chmod(temporary.c_str(), before.st_mode & 07777) != 0)
        error = {errno, std::generic_category()};
    if (!error) error = io::move_file(temporary, path);
    if (!error) return 0;
    (void)io::remove_file(temporary);
    return complain(path.string(), error.message());
}

int format_file(const fs::path& written, bool check) {
    std::error_code error;
    const auto path = fs::canonical(written, error);  // a link stays a link
    if (error) return complain(written.string(), error.message());
    auto text = dsl::FileLoader().load(path.string());
    if (!text) return complain(written.string(), "cannot be read, or is no regular file");
    const auto result = formatted(written.string(), *text);
    if (!result) return 1;
    if (*result == *text) return 0;
    std::cout << (check ? "would change: " : "formatted: ") << written.string() << '\n';
    return check ? 1 : replace_file(path, *result);
}

int format_standard_input(bool check) {
    const std::string text(std::istreambuf_iterator<char>(std::cin), {});
    const auto result = formatted("standard input", text);
    if (!result) return 1;
    if (check) return *result == text ? 0 : 1;
    std::cout << *result << std::flush;
    return std::cout ? 0 : 1;
}

int run_fmt(const FmtArguments& arguments) {
    if (arguments.standard_input == !arguments.paths.empty()) {
        std::cerr << "give scripts or directories, or --stdin\n";
        return 2;
    }
    if (arguments.standard_input) return format_standard_input(arguments.check);
    int exit_code = 0;
    std::vector<fs::path> scripts;
    for (const auto& path : arguments.paths) {
        std::error_code ignored;
        if (fs::is_directory(path, ignored))
            exit_code = std::max(exit_code, scripts_below(path, scripts));
        else
            scripts.emplace_back(path);
    }
    std::ranges::sort(scripts);
    const auto repeated = std::ranges::unique(scripts);
    scripts.erase(repeated.begin(), repeated.end());
    for (const auto& script : scripts) exit_code = std::max(exit_code, format_file(script, arguments.check));
    return exit_code;
}

}  // namespace

void add_fmt(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<FmtArguments>();
    auto* command = app.add_subcommand("fmt", "Format scripts");
    command->add_option("PATHS", arguments->paths, "scripts, or directories with scripts (*.vsl)");
    command->add_flag("--check", arguments->check, "change nothing; name the scripts that would change, exit with 1");
    command->add_flag("--stdin", arguments->standard_input, "format standard input to standard output");
    command->callback([arguments, &exit_code] { exit_code = run_fmt(*arguments); });
}

}  // namespace sluice::app
