#include "engine/rehearsal/session_file.hpp"

#include "grammar/smtp/command_line.hpp"

namespace sluice::rehearsal {

namespace {

bool is_data(std::string_view command) {
    return grammar::smtp::parse_command(command).verb == grammar::smtp::Verb::data;
}

}  // namespace

std::vector<ClientAction> parse_session(std::string_view text) {
    std::vector<ClientAction> actions;
    bool in_message = false;
    while (!text.empty()) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.starts_with("S: ")) continue;
        if (line.starts_with("C: ")) line.remove_prefix(3);
        if (in_message) {
            if (line == ".") {
                in_message = false;
                continue;
            }
            if (line.starts_with("..")) line.remove_prefix(1);
            (actions.back().message += line) += '\n';
        } else if (!line.empty() && line.front() != '#') {
            actions.push_back({std::string(line), {}});
            in_message = is_data(line);
        }
    }
    return actions;
}

}  // namespace sluice::rehearsal
