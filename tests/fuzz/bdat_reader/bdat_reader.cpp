// Chunks of BDAT, against a second implementation that is slow and plain. The first byte chooses policy, limits and how
// chunks arrive; the second, how the message is cut into chunks.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/smtp/bdat_reader.hpp"

namespace {

using namespace sluice::smtp;

void require(bool condition) {
    if (!condition) std::abort();
}

struct Model {
    std::string message;  // with CRLF line ends
    bool bare = false;    // a bare CR or LF was there
};

Model model(std::string_view bytes) {
    Model result;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] != '\r' && bytes[i] != '\n') {
            result.message += bytes[i];
            continue;
        }
        const bool whole = bytes.substr(i, 2) == "\r\n";
        result.bare = result.bare || !whole;
        result.message += "\r\n";
        if (whole) ++i;
    }
    if (!result.message.empty() && !result.message.ends_with("\r\n")) result.message += "\r\n";
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const unsigned choice = data[0];
    const std::size_t chunk_size = 1 + data[1];
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
    const BareNewline policy = (choice & 1) != 0 ? BareNewline::normalize : BareNewline::reject;
    const bool small = (choice & 2) != 0;
    const std::size_t step = 1 + (choice >> 2);

    BdatReader reader(
        small ? DataReader::Options{.bare_newline = policy, .size_limit = 60, .line_limit = 20, .header_limit = 30}
              : DataReader::Options{.bare_newline = policy});
    for (std::size_t at = 0; at < bytes.size(); at += chunk_size) {
        const std::string_view chunk = bytes.substr(at, chunk_size);
        reader.announce(chunk.size());
        for (std::size_t from = 0; from < chunk.size(); from += step) reader.feed(chunk.substr(from, step));
    }
    reader.finish();

    const Model wanted = model(bytes);
    const DataError error = reader.error();
    const std::string message = reader.take_message();
    if (error != DataError::none) {
        require(message.empty());
        const bool is_bare = error == DataError::bare_lf || error == DataError::bare_cr;
        require(!is_bare || (wanted.bare && policy == BareNewline::reject));
        require(is_bare || small || size > 1000);
        require(error != DataError::too_big || wanted.message.size() > 60);
    } else {
        require(!wanted.bare || policy == BareNewline::normalize);
        require(message == wanted.message);
        require(!small || message.size() <= 60);
    }
    return 0;
}
