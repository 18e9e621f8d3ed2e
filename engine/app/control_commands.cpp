// Subcommands that talk to the running server: reload, status.
#include <iostream>

#include "engine/app/commands.hpp"
#include "engine/app/control.hpp"
#include "engine/config/configuration.hpp"

namespace sluice::app {

// The configuration may be the very thing that is broken, so its run directory is only a guess then.
std::string run_dir_of(const std::string& config, const std::string& given) {
    if (!given.empty()) return given;
    dsl::Diagnostics ignored;
    const auto loaded = config::load_run_dir(config, ignored);
    return loaded.empty() ? "/run/sluice" : loaded;
}

namespace {

void add(CLI::App& app, int& exit_code, const std::string& request, const std::string& description) {
    struct Options {
        std::string config;
        std::string run_dir;
    };
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand(request, description);
    command->add_option("-c,--config", options->config, "configuration directory or root script (default /etc/sluice)");
    command->add_option("--run-dir", options->run_dir, "directory of the control socket (default: as configured)");
    command->callback([options, request, &exit_code] {
        const auto answer = ask_server(run_dir_of(options->config, options->run_dir), request);
        (answer.exit_code == 0 ? std::cout : std::cerr) << answer.text;
        exit_code = answer.exit_code;
    });
}

}  // namespace

void add_reload(CLI::App& app, int& exit_code) {
    add(app, exit_code, "reload", "Make the running server load configuration, rules and certificates again");
    add(app, exit_code, "status", "Show what the running server does");
}

}  // namespace sluice::app
