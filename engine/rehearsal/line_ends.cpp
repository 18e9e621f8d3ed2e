#include "engine/rehearsal/line_ends.hpp"

namespace sluice::rehearsal {

std::string with_crlf(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n' && !out.ends_with('\r')) out += '\r';
        out += c;
    }
    if (!out.empty() && !out.ends_with('\n')) out += "\r\n";
    return out;
}

std::string as_sent(std::string_view message) {
    std::string out;
    bool at_begin = true;
    for (const char c : with_crlf(message)) {
        if (at_begin && c == '.') out += '.';
        out += c;
        at_begin = c == '\n';
    }
    return out + ".\r\n";
}

}  // namespace sluice::rehearsal
