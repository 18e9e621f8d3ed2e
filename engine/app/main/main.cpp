// The program: reads the command line and hands over to one file per subcommand.
#include <CLI/CLI.hpp>

#include "engine/app/commands.hpp"

int main(int argc, char** argv) {
    CLI::App app{"Sluice, a programmable SMTP gateway"};
    app.set_version_flag("-v,--version", "sluice " SLUICE_VERSION);
    app.require_subcommand(1);
    int exit_code = 0;
    sluice::app::add_run(app, exit_code);
    sluice::app::add_check(app, exit_code);
    sluice::app::add_test(app, exit_code);
    sluice::app::add_simulate(app, exit_code);
    sluice::app::add_explain(app, exit_code);
    sluice::app::add_functions(app, exit_code);
    sluice::app::add_reload(app, exit_code);
    sluice::app::add_trace(app, exit_code);
    sluice::app::add_shadow(app, exit_code);
    sluice::app::add_eval(app, exit_code);
    sluice::app::add_fmt(app, exit_code);
    sluice::app::add_lsp(app, exit_code);
    sluice::app::add_domain(app, exit_code);
    sluice::app::add_cert(app, exit_code);
    sluice::app::add_user(app, exit_code);
    sluice::app::add_queue(app, exit_code);
    sluice::app::add_why(app, exit_code);
    sluice::app::add_tls(app, exit_code);
    sluice::app::add_migrate(app, exit_code);
    sluice::app::add_user_helper(app, exit_code);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return exit_code;
}
