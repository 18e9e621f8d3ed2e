#include "engine/smtp_client/extensions.hpp"

#include <algorithm>
#include <charconv>

namespace sluice::smtp_client {

namespace {

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return upper(x) == upper(y); });
}

std::string_view take_word(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    return word;
}

void read_auth(std::string_view mechanisms, Extensions& into) {
    for (std::string_view one = take_word(mechanisms); !one.empty(); one = take_word(mechanisms)) {
        if (same(one, "PLAIN")) into.auth_plain = true;
        if (same(one, "LOGIN")) into.auth_login = true;
    }
}

void read_line(std::string_view line, Extensions& into) {
    constexpr std::string_view kOldAuth = "AUTH=";  // of servers for clients older than RFC 2554
    if (same(line.substr(0, kOldAuth.size()), kOldAuth)) return read_auth(line.substr(kOldAuth.size()), into);
    std::string_view parameters = line;
    const std::string_view keyword = take_word(parameters);
    if (same(keyword, "AUTH")) read_auth(parameters, into);
    if (same(keyword, "SIZE")) {
        into.size = true;
        const std::string_view limit = take_word(parameters);
        std::uint64_t value = 0;
        const auto [end, failed] = std::from_chars(limit.data(), limit.data() + limit.size(), value);
        const bool number = failed == std::errc() && end == limit.data() + limit.size();
        into.size_limit = number ? value : 0;
    }
#define CLIENT_EXTENSION(name, word) \
    if (same(keyword, word)) into.name = true;
#include "engine/smtp_client/extensions.def"
#undef CLIENT_EXTENSION
}

}  // namespace

Extensions Extensions::parse(std::string_view text) {
    Extensions found;
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        const std::string_view line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
        if (line.size() > 4) read_line(line.substr(4), found);
    }
    return found;
}

}  // namespace sluice::smtp_client
