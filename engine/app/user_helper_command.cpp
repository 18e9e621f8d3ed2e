// `sluice deliver-as-users`: what the server starts of itself, not what anybody types.
#include <unistd.h>

#include <memory>

#include "engine/app/commands.hpp"
#include "engine/deliver/user_helper.hpp"

namespace sluice::app {

void add_user_helper(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<deliver::UserHelperOptions>();
    auto* command = app.add_subcommand("deliver-as-users", "Helper of a server with config.delivery.system_users");
    command->group("");  // not in the list of commands
    command->add_option("--group", options->group, "group of the files");
    command->add_option("--transport", options->transports, "mailboxes it may write to");
    command->callback([options, &exit_code] { exit_code = deliver::run_user_helper(STDIN_FILENO, *options); });
}

}  // namespace sluice::app
