// `sluice trace`: what the rules of the running server do, as it happens.
#include <iostream>

#include "engine/app/commands.hpp"
#include "engine/app/control.hpp"
#include "engine/watch/trace_filter.hpp"

namespace sluice::app {

namespace {

struct Options {
    std::string config;
    std::string run_dir;
    watch::TraceRequest request;
    bool json = false;
};

int trace(Options options) {
    options.request.form = options.json ? watch::Form::json : watch::Form::text;
    if (const auto filter = options.request.filter(); !filter) {
        std::cerr << filter.error() << '\n';
        return 2;
    }
    return print_stream(run_dir_of(options.config, options.run_dir), "trace " + options.request.json(),
                        "watching; end with Ctrl-C\n");
}

}  // namespace

void add_trace(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("trace", "Show what the rules of the running server do, stage by stage");
    command->add_option("-c,--config", options->config, "configuration directory or root script (default /etc/sluice)");
    command->add_option("--run-dir", options->run_dir, "directory of the control socket (default: as configured)");
    command->add_option("--ip", options->request.ip, "only clients with this address, or of this network");
    command->add_option("--from", options->request.from, "only this reverse-path: an address, a domain, or <>");
    command->add_option("--rcpt", options->request.rcpt, "only this recipient: an address or a domain");
    command->add_option("--count", options->request.count, "end after so many stage runs")->check(CLI::PositiveNumber);
    command->add_flag("--json", options->json, "print one JSON object for each stage run");
    command->callback([options, &exit_code] { exit_code = trace(*options); });
}

}  // namespace sluice::app
