// Passwords come from the terminal without echo, or from standard input: never from the command line, where every user
// of the machine can read them.
#pragma once

#include <optional>
#include <string>

#include "engine/sasl/secret.hpp"

namespace sluice::app {

// Asks twice on the controlling terminal. nullopt and `why`: there is no terminal, they differ, Ctrl-C, end of file.
[[nodiscard]] std::optional<sasl::Secret> ask_new_password(const std::string& user, std::string& why);

// One line of standard input, without its line end (LF or CRLF, may be missing). nullopt and `why`: nothing, or more
// than one line, or more than limits::sasl_password octets.
[[nodiscard]] std::optional<sasl::Secret> read_password(std::string& why);

}  // namespace sluice::app
