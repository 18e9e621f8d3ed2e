#include "engine/migrate/source_text.hpp"

#include <fstream>
#include <iterator>
#include <memory>

#include <fmt/format.h>

#include "grammar/ecelerity/limits.hpp"

namespace sluice::migrate {

namespace fs = std::filesystem;

dsl::SourcePtr read_file(const fs::path& path, const std::string& shown, std::string& why) {
    std::error_code error;
    if (!fs::exists(path, error)) {
        why = error ? error.message() : "No such file or directory";
        return nullptr;
    }
    if (!fs::is_regular_file(path, error)) {
        why = "it is no regular file";
        return nullptr;
    }
    if (fs::file_size(path, error) > grammar::ecelerity::max_file || error) {
        why = error ? error.message() : "it is larger than 64 MiB";
        return nullptr;
    }
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    if (!file) {
        why = std::generic_category().message(errno);
        return nullptr;
    }
    return std::make_shared<const dsl::SourceFile>(shown, std::move(text));
}

dsl::SourcePtr read_file(const fs::path& path, const std::string& shown, dsl::Diagnostics& diagnostics) {
    std::string why;
    auto source = read_file(path, shown, why);
    if (!source)
        diagnostics.add(dsl::Code::foreign_configuration, nullptr, {}, fmt::format("cannot read '{}': {}", shown, why),
                        "check the path, and that you may read it");
    return source;
}

Place place_of(const dsl::SourceFile& source, std::uint32_t offset) {
    return {source.name(), source.position(offset).line};
}

void syntax_error(dsl::Diagnostics& diagnostics, const dsl::SourcePtr& source, std::uint32_t at,
                  std::string_view message, std::string_view hint) {
    const auto size = static_cast<std::uint32_t>(source->text().size());
    diagnostics.add(dsl::Code::foreign_configuration, source, {at, std::min(at + 1, size)}, std::string(message),
                    std::string(hint));
}

}  // namespace sluice::migrate
