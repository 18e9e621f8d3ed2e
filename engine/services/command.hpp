// Programs run for rules (vsl-rules.md 9.13): no shell, standard input empty, output inherited, killed at the timeout.
// Nothing blocks (engine/io/program.hpp).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/asio.hpp"

namespace sluice::services {

struct Command {
    std::string program;  // looked for in PATH if it has no slash
    std::vector<std::string> arguments;
    std::chrono::milliseconds timeout{30'000};
    std::string user;  // empty: our own. Others need root: the program then runs through setpriv(1)
    std::string group;
};

struct CommandResult {
    std::string error;          // why it was not run; empty: it was, and one of these is set
    std::optional<int> code;    // it ended by itself
    std::optional<int> signal;  // it was ended; at the timeout by SIGKILL
};

[[nodiscard]] asio::awaitable<CommandResult> run(Command command);

}  // namespace sluice::services
