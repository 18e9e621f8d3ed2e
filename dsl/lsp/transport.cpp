#include "dsl/lsp/transport.hpp"

#include <algorithm>
#include <charconv>
#include <istream>
#include <ostream>

#include <fmt/format.h>

namespace sluice::dsl::lsp {

namespace {

// A script of a gateway is smaller than this by far; what is larger is not read into memory.
constexpr std::size_t max_message = 64u << 20;
constexpr std::size_t max_header = 4096;

bool same_word(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

// One line without its end; nothing at the end of the input or if it is too long.
std::optional<std::string> header_line(std::istream& in) {
    std::string line;
    for (int c = in.get(); c != std::char_traits<char>::eof(); c = in.get()) {
        if (c == '\n') {
            if (line.ends_with('\r')) line.pop_back();
            return line;
        }
        line += static_cast<char>(c);
        if (line.size() > max_header) break;
    }
    return std::nullopt;
}

struct Headers {
    bool ended = false;                 // of the input
    std::optional<std::size_t> length;  // nothing: there is none that can be used
};

Headers read_headers(std::istream& in) {
    Headers headers;
    bool any = false;
    for (;;) {
        const auto line = header_line(in);
        if (!line) {
            headers.ended = !any;
            headers.length.reset();
            return headers;
        }
        if (line->empty()) return headers;
        any = true;
        const auto colon = line->find(':');
        if (colon == std::string::npos || !same_word(std::string_view(*line).substr(0, colon), "Content-Length"))
            continue;
        const auto begin = std::min(line->find_first_not_of(" \t", colon + 1), line->size());
        std::size_t length = 0;
        const auto* const end = line->data() + line->size();
        const auto [rest, error] = std::from_chars(line->data() + begin, end, length);
        if (error == std::errc{} && rest == end && length <= max_message) headers.length = length;
    }
}

}  // namespace

void write_message(std::ostream& out, const std::string& message) {
    out << fmt::format("Content-Length: {}\r\n\r\n", message.size()) << message << std::flush;
}

int serve(std::istream& in, std::ostream& out, const std::string& version, SavedCheck saved_check,
          const NativeTable& test_library) {
    Server server(version, std::move(saved_check), test_library,
                  [&out](const std::string& message) { write_message(out, message); });
    while (!server.exited() && out) {
        const auto headers = read_headers(in);
        if (headers.ended) break;
        if (!headers.length) {
            // Where the next message begins cannot be known.
            write_message(out, R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,)"
                               R"("message":"a message begins with a header Content-Length of at most 64 MiB"}})");
            return 1;
        }
        std::string message(*headers.length, '\0');
        in.read(message.data(), static_cast<std::streamsize>(message.size()));
        if (static_cast<std::size_t>(in.gcount()) != message.size()) break;
        server.handle(message);
    }
    return server.exit_code();
}

}  // namespace sluice::dsl::lsp
