// fs:: (vsl-rules.md 9.11): copies of the message and of the context below config.app.dirpath.
#include <filesystem>

#include <fmt/format.h>

#include "engine/filter/stage_context.hpp"
#include "engine/io/blocking_pool.hpp"
#include "engine/io/durable_file.hpp"

namespace sluice::filter {

using dsl::NativeCall;
using dsl::Outcome;

namespace {

// Below the directory whatever the script says: no "..", nothing absolute, no hidden names.
bool is_inside(std::string_view directory) {
    if (directory.empty() || directory.front() == '/' || directory.find('\0') != std::string_view::npos) return false;
    for (std::size_t at = 0; at <= directory.size();) {
        const auto end = std::min(directory.find('/', at), directory.size());
        const auto part = directory.substr(at, end - at);
        if (part.empty() || part.front() == '.') return false;
        at = end + 1;
    }
    return true;
}

asio::awaitable<Answer> written(io::BlockingPool& pool, std::filesystem::path path,
                                std::shared_ptr<const std::string> content) {
    const auto error = co_await pool.run([&] {
        if (const auto failed = io::make_directories(path.parent_path())) return failed;
        const std::string_view parts[] = {*content};
        return io::replace_file(path, path.string() + ".new", parts);
    });
    if (error) co_return Answer::thrown(fmt::format("cannot write '{}': {}", path.string(), error.message()));
    co_return Answer::of({});
}

Outcome write(StageContext& context, NativeCall& call, std::string_view ending,
              std::shared_ptr<const std::string> content) {
    auto directory = std::string(call.args[0].as_string());
    while (directory.ends_with('/')) directory.pop_back();
    if (!is_inside(directory))
        return call.fail(
            fmt::format("'{}' is not a directory below config.app.dirpath: it is written relative, without "
                        "'.' and '..'",
                        call.args[0].as_string()));
    if (context.around.app_dir.empty()) return call.fail("config.app.dirpath is not set");
    if (context.around.rehearsed) return call.ok();
    const auto name = context.transaction->id.to_string() + std::string(ending);
    return context.wait(written(context.around.blocking,
                                std::filesystem::path(context.around.app_dir) / directory / name, std::move(content)));
}

}  // namespace

namespace functions {

Outcome fs_write(StageContext& context, NativeCall& call) {
    return write(context, call, ".eml", context.message().bytes());
}

Outcome fs_dump(StageContext& context, NativeCall& call) {
    return write(context, call, ".json", std::make_shared<const std::string>(describe(context)));
}

}  // namespace functions

}  // namespace sluice::filter
