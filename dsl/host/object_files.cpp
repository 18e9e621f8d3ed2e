// file(path, type): lists of objects kept in files of their own (vsl-rules.md 9.2).
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "dsl/host/host.hpp"
#include "dsl/lib/mail_objects.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl {

namespace {

namespace fs = std::filesystem;

// Relative paths start at the configuration root (decisions.md, "relative paths").
fs::path below_root(const NativeCall& call) {
    const fs::path given(call.args[0].as_string());
    return call.host && !call.host->base_directory().empty() ? fs::path(call.host->base_directory()) / given : given;
}

Outcome file(NativeCall& call) {
    const auto type = call.args[1].as_string();
    const auto parse = lib::object_parser(type);
    if (!parse) return call.fail(fmt::format("invalid object type: {}", type));
    const auto path = below_root(call);
    std::error_code error;
    if (!fs::is_regular_file(path, error)) return call.fail(fmt::format("cannot read the file '{}'", path.string()));
    std::ifstream in(path);
    Values items;
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        const auto first = line.find_first_not_of(" \t\r");
        if (first == std::string::npos) continue;
        const auto last = line.find_last_not_of(" \t\r");
        std::string why;
        auto value = parse(line.substr(first, last - first + 1), why);
        if (value.is_unit()) return call.fail(fmt::format("{}:{}: {}", path.string(), number, why));
        items.push_back(std::move(value));
        if (call.limits.array_items != 0 && items.size() > call.limits.array_items)
            return call.fail(too_large("Size of array"));
    }
    return call.ok(make_array(std::move(items)));
}

}  // namespace

void add_object_files(NativeTable& table) {
    table.add("file", {accepts::string, accepts::string}, file, host_only);
    table.add("obj::file", {accepts::string, accepts::string}, file, host_only);
}

}  // namespace sluice::dsl
