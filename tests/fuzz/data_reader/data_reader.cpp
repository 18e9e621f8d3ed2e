// Bytes behind DATA, against a second implementation that is slow and plain. The first byte chooses policy, limits and
// how the rest is cut.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "engine/smtp/data_reader.hpp"

namespace {

using namespace sluice::smtp;

void require(bool condition) {
    if (!condition) std::abort();
}

struct Model {
    std::size_t taken;
    bool done;
    bool bare;                           // a bare CR or LF was there
    std::optional<std::string> message;  // if done
};

// RFC 5321 read literally: find the end first, then look at lines.
Model model(std::string_view bytes) {
    std::size_t end = std::string_view::npos;
    std::string_view content;
    if (bytes.starts_with(".\r\n")) {
        end = 3;
    } else if (const std::size_t at = bytes.find("\r\n.\r\n"); at != std::string_view::npos) {
        end = at + 5;
        content = bytes.substr(0, at + 2);
    }
    Model result{std::min(end, bytes.size()), end != std::string_view::npos, false, {}};
    if (!result.done) return result;
    std::string message;
    for (std::size_t i = 0; i < content.size();) {
        std::size_t stop = content.find_first_of("\r\n", i);
        require(stop != std::string_view::npos);
        std::string_view line = content.substr(i, stop - i);
        const bool crlf = content.substr(stop, 2) == "\r\n";
        if (!crlf) result.bare = true;
        if (line.size() > 1 && line.front() == '.') line.remove_prefix(1);
        message += line;
        message += "\r\n";
        i = stop + (crlf ? 2 : 1);
    }
    result.message = message;
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const unsigned choice = data[0];
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const BareNewline policy = (choice & 1) != 0 ? BareNewline::normalize : BareNewline::reject;
    const bool small = (choice & 2) != 0;
    const std::size_t step = 1 + (choice >> 2);

    DataReader reader(
        small ? DataReader::Options{.bare_newline = policy, .size_limit = 60, .line_limit = 20, .header_limit = 30}
              : DataReader::Options{.bare_newline = policy});
    std::size_t taken = 0;
    for (std::size_t at = 0; at < bytes.size() && !reader.done(); at += step) {
        const std::string_view piece = bytes.substr(at, step);
        const std::size_t used = reader.feed(piece);
        require(reader.done() || used == piece.size());
        taken += used;
    }
    const Model wanted = model(bytes);
    require(reader.done() == wanted.done);
    require(taken == wanted.taken);
    const std::string message = reader.take_message();
    if (reader.error() != DataError::none) {
        require(message.empty());
        require(small || (policy == BareNewline::reject) || size > 1000);
    } else if (wanted.done) {
        require(!wanted.bare || policy == BareNewline::normalize);
        require(message == *wanted.message);
        require(!small || message.size() <= 60);
    }
    return 0;
}
