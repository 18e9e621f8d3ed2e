// A message and edits of it. The input: the message, a line "%%", then one edit a line: operation, name, "|", value
// (see model.hpp), where \r \n \0 \t and \\ are written so. "l" sets the limits of the walk: depth and parts.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/fuzz/message/model.hpp"
#include "tests/support/unescaped.hpp"

namespace {

using namespace sluice::mail;

void require(const std::string& complaint) {
    if (complaint.empty()) return;
    std::fprintf(stderr, "%s\n", complaint.c_str());
    std::abort();
}

using sluice::test::unescaped;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t end = std::min(input.find("\n%%\n"), size);
    std::string_view edits = input.substr(std::min(end + 4, size));

    model::Editing editing(input.substr(0, end));
    WalkLimits limits;
    require(editing.check());
    require(model::check_walk(editing.message(), limits));
    while (!edits.empty()) {
        const std::string_view line = edits.substr(0, edits.find('\n'));
        edits.remove_prefix(std::min(line.size() + 1, edits.size()));
        if (line.empty()) continue;
        const std::string_view name = line.substr(1, line.substr(1).find('|'));
        const std::string_view value = line.substr(std::min(name.size() + 2, line.size()));
        if (line.front() == 'l') {
            limits = {.depth = name.size(), .parts = value.size() + 1};
        } else {
            require(editing.edit(line.front(), unescaped(name), unescaped(value)));
        }
    }
    require(model::check_walk(editing.message(), limits));
    return 0;
}
