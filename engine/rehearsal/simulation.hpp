// Plays a conversation and shows, stage by stage, what the rules did: `sluice simulate`.
#pragma once

#include <iosfwd>
#include <vector>

#include "engine/rehearsal/rehearsed_session.hpp"
#include "engine/rehearsal/session_file.hpp"

namespace sluice::rehearsal {

enum class Form : bool { text, json };  // json: one object a line

// Ends early if the server closes the connection.
void simulate(Rehearsal& rehearsal, Role role, const std::vector<ClientAction>& actions, Form form, std::ostream& out);

}  // namespace sluice::rehearsal
