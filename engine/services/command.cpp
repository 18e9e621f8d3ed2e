#include "engine/services/command.hpp"

#include <unistd.h>

#include <utility>

#include "dsl/host/system_accounts.hpp"
#include "engine/io/program.hpp"

namespace sluice::services {

namespace {

std::string primary_group(const std::string& user) {
    const auto found = dsl::find_user(user);
    return found ? std::to_string(found->group) : user;  // setpriv says what is wrong with the name
}

// What is really executed.
std::vector<std::string> words_of(const Command& command) {
    std::vector<std::string> words;
    if (!command.user.empty())
        words = {"/usr/bin/setpriv",
                 "--reuid",
                 command.user,
                 "--init-groups",
                 "--regid",
                 command.group.empty() ? primary_group(command.user) : command.group,
                 "--"};
    else if (!command.group.empty())
        words = {"/usr/bin/setpriv", "--regid", command.group, "--clear-groups", "--"};
    words.push_back(command.program);
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    return words;
}

}  // namespace

asio::awaitable<CommandResult> run(Command command) {
    const bool other_identity = !command.user.empty() || !command.group.empty();
    if (other_identity && ::geteuid() != 0)
        co_return CommandResult{"'user' and 'group' of a command need a server that runs as root", {}, {}};
    io::Program program;
    program.words = words_of(command);
    program.timeout = command.timeout;
    auto result = co_await io::run_program(std::move(program));
    co_return CommandResult{std::move(result.error), result.code, result.signal};
}

}  // namespace sluice::services
