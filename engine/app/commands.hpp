// One function for each subcommand; the exit codes are those of decisions.md: 0 fine, 1 wrong, 2 usage, 3 no server.
#pragma once

#include <CLI/App.hpp>

namespace sluice::app {

// Each adds its subcommand; the chosen one stores its exit code.
void add_run(CLI::App& app, int& exit_code);        // run_command.cpp
void add_check(CLI::App& app, int& exit_code);      // check_command.cpp
void add_test(CLI::App& app, int& exit_code);       // test_command.cpp
void add_simulate(CLI::App& app, int& exit_code);   // simulate_command.cpp
void add_explain(CLI::App& app, int& exit_code);    // explain_command.cpp
void add_functions(CLI::App& app, int& exit_code);  // functions_command.cpp
void add_reload(CLI::App& app, int& exit_code);     // control_commands.cpp: reload, status
void add_trace(CLI::App& app, int& exit_code);      // trace_command.cpp
void add_shadow(CLI::App& app, int& exit_code);     // shadow_command.cpp
void add_eval(CLI::App& app, int& exit_code);       // script_commands.cpp: eval, disasm
void add_fmt(CLI::App& app, int& exit_code);        // fmt_command.cpp
void add_lsp(CLI::App& app, int& exit_code);        // lsp_command.cpp
void add_domain(CLI::App& app, int& exit_code);     // domain_command.cpp
void add_cert(CLI::App& app, int& exit_code);       // cert_command.cpp
void add_user(CLI::App& app, int& exit_code);       // user_command.cpp
void add_queue(CLI::App& app, int& exit_code);      // queue_command.cpp
void add_why(CLI::App& app, int& exit_code);        // why_command.cpp
void add_migrate(CLI::App& app, int& exit_code);    // migrate_command.cpp
void add_tls(CLI::App& app, int& exit_code);        // tls_command.cpp
// Started by `sluice run`, user_helper_command.cpp.
void add_user_helper(CLI::App& app, int& exit_code);

}  // namespace sluice::app
