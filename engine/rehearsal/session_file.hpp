// The client's side of a recorded conversation, for `sluice simulate --session FILE.smtp`: one command a line, behind
// DATA the message up to a line with a dot. Lines may begin with "C: "; lines that begin with "S: " or "#" and, outside
// of a message, empty lines are skipped, so that a log of both sides can be used as it is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::rehearsal {

struct ClientAction {
    std::string command;  // "STARTTLS", "MAIL FROM:<a@b>"
    std::string message;  // of DATA: as written, dots unstuffed, lines end in LF
};

[[nodiscard]] std::vector<ClientAction> parse_session(std::string_view text);

}  // namespace sluice::rehearsal
