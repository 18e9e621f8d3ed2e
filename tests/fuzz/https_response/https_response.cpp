// Octets of an HTTPS server -> response. The first byte says in which pieces they come. Checked: the pieces do not
// matter, and the body keeps its limit.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/https/response_reader.hpp"

namespace {

using namespace sluice::https;
using Progress = ResponseReader::Progress;

constexpr std::size_t kMost = 50;

void require(bool condition) {
    if (!condition) std::abort();
}

struct End {
    bool done = false;
    unsigned status = 0;
    std::string body;
};

End read(std::string_view octets, std::size_t step) {
    ResponseReader reader({kMost, "text/plain"});
    Progress progress = Progress::more;
    while (progress == Progress::more && !octets.empty()) {
        progress = reader.feed(octets.substr(0, step));
        octets.remove_prefix(std::min(step, octets.size()));
    }
    if (progress == Progress::more) progress = reader.end();
    require(progress != Progress::more);
    if (progress == Progress::failed) {
        require(!reader.error().text.empty() && reader.error().fault >= Fault::response);
        return {};
    }
    Response response = reader.take();
    require(response.status / 100 == 2 && response.media_type == "text/plain" && response.body.size() <= kMost);
    return {true, response.status, std::move(response.body)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 10'000) return 0;
    const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
    const End whole = read(octets, size);
    const End pieces = read(octets, 1 + data[0] % 32);
    require(whole.done == pieces.done && whole.status == pieces.status && whole.body == pieces.body);
    return 0;
}
