#include "engine/app/commands.hpp"
#include "engine/app/server_process.hpp"

namespace sluice::app {

void add_run(CLI::App& app, int& exit_code) {
    struct Options {
        std::string config;
        bool to_stderr = false;
    };
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("run", "Run the server in the foreground until SIGTERM");
    command->add_option("-c,--config", options->config, "configuration directory or root script (default /etc/sluice)");
    command->add_flag("--stderr", options->to_stderr, "log to standard error, whatever is configured");
    command->callback([options, &exit_code] { exit_code = ServerProcess(options->config, options->to_stderr).run(); });
}

}  // namespace sluice::app
