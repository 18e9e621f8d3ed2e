// `sluice shadow`: new rules beside those of the running server, on its traffic, without effect.
#include <filesystem>
#include <iostream>

#include <fmt/format.h>

#include "engine/app/commands.hpp"
#include "engine/app/control.hpp"
#include "engine/watch/shadow_run.hpp"

namespace sluice::app {

namespace {

struct Options {
    std::string config;
    std::string run_dir;
    watch::ShadowRequest request;
    bool json = false;
};

int shadow(Options options) {
    options.request.form = options.json ? watch::Form::json : watch::Form::text;
    std::error_code error;
    const auto absolute = std::filesystem::canonical(options.request.directory, error);
    if (error) {
        std::cerr << fmt::format("cannot find the new rules '{}': {}\n", options.request.directory, error.message());
        return 2;
    }
    options.request.directory = absolute.string();
    return print_stream(run_dir_of(options.config, options.run_dir), "shadow " + options.request.json(),
                        "comparing; end with Ctrl-C\n");
}

}  // namespace

void add_shadow(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<Options>();
    auto* command =
        app.add_subcommand("shadow", "Run new rules beside those of the running server, without effect, and compare");
    command
        ->add_option("NEWDIR", options->request.directory,
                     "configuration directory or root script with the new rules; the server must be able to read it")
        ->required();
    command->add_option("-c,--config", options->config, "configuration of the running server (default /etc/sluice)");
    command->add_option("--run-dir", options->run_dir, "directory of the control socket (default: as configured)");
    command->add_option("--count", options->request.count, "end after so many comparisons")->check(CLI::PositiveNumber);
    command->add_flag("--json", options->json, "print one JSON object for each difference");
    command->callback([options, &exit_code] { exit_code = shadow(*options); });
}

}  // namespace sluice::app
