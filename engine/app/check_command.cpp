// `sluice check`: configuration, the rules of every domain and the certificates, without opening a socket.
#include <iostream>

#include <fmt/format.h>

#include "engine/app/commands.hpp"
#include "engine/app/generation.hpp"

namespace sluice::app {

void add_check(CLI::App& app, int& exit_code) {
    struct Options {
        std::string config;
        bool json = false;
        bool deny_warnings = false;
    };
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("check", "Check configuration, rules and certificates");
    command->add_option("-c,--config", options->config, "configuration directory or root script (default /etc/sluice)");
    command->add_flag("--json", options->json, "print diagnostics as JSON");
    command->add_flag("--deny-warnings", options->deny_warnings, "exit with 1 if there are warnings, too");
    command->callback([options, &exit_code] {
        Report report;
        const auto generation = load_generation(options->config, tls::make_ticket_keys(std::chrono::hours(12)), report,
                                                {.lints = filter::Lints::yes});
        exit_code = report.has_errors() || (options->deny_warnings && report.warnings() != 0) ? 1 : 0;
        if (options->json) {
            std::cout << report.json() << '\n';
            return;
        }
        std::cout << report.text();
        const auto warnings = report.warnings() == 0 ? "" : fmt::format(", {} warning(s)", report.warnings());
        if (report.has_errors())
            std::cout << fmt::format("{} error(s){}\n", report.errors(), warnings);
        else
            std::cout << fmt::format("ok: {} domain(s), {} certificate(s){}\n",
                                     generation.configuration->domains.size(),
                                     generation.tls ? generation.tls->certificates().size() : 0, warnings);
        if (const auto code = report.first_code(); !code.empty())
            std::cout << fmt::format("`sluice explain {}` tells more\n", code);
    });
}

}  // namespace sluice::app
