// The command of a transport "pipe:COMMAND", "/usr/bin/procmail -d %u": words between blanks, no quotes, no shell.
// Pure.
//   %u  local part, without quotes     %d  domain, lower case     %a  the address     %s  the reverse-path     %%  a
//   percent sign
// The first word is the path of the program, and nothing of it comes from an address. What comes from one and could be
// taken for more than a name by the program (an option at the beginning of a word, a path) is refused, so that a
// stranger's address never decides what the program does.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/queue/message.hpp"

namespace sluice::deliver {

class PipeCommand {
  public:
    struct Parsed;
    // The part of the transport behind "pipe:".
    [[nodiscard]] static Parsed parse(std::string_view text);

    struct Words {
        std::vector<std::string> words;
        std::string refused;  // why there are none: "5.1.3 …", as an Outcome has it
    };
    [[nodiscard]] Words expand(const queue::Envelope& envelope, const queue::Recipient& recipient) const;
    [[nodiscard]] const std::string& program() const { return words_.front(); }

  private:
    std::vector<std::string> words_;  // as written but the first, placeholders inside
};

struct PipeCommand::Parsed {
    std::optional<PipeCommand> command;
    std::string error;  // set exactly if command is not
};

}  // namespace sluice::deliver
