#include "engine/migrate/momentum_file.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "engine/migrate/source_text.hpp"
#include "grammar/mail/parameters.hpp"

namespace sluice::migrate::momentum {

namespace {

namespace fs = std::filesystem;
namespace ecelerity = grammar::ecelerity;
using grammar::mail::lower_case;

class Loader {
  public:
    Loader(const std::string& file, Report& report, dsl::Diagnostics& diagnostics)
        : main_directory_(fs::path(file).parent_path()), report_(report), diagnostics_(diagnostics) {}

    std::vector<Node> read(const dsl::SourcePtr& source, const fs::path& directory) {
        auto parsed = ecelerity::parse(source->text());
        if (const auto* error = std::get_if<ecelerity::SyntaxError>(&parsed)) {
            syntax_error(diagnostics_, source, error->at, error->message, error->hint);
            return {};
        }
        return nodes(std::get<ecelerity::Document>(parsed), *source, directory);
    }

  private:
    std::vector<Node> nodes(ecelerity::Document& document, const dsl::SourceFile& source, const fs::path& directory) {
        std::vector<Node> out;
        for (auto& statement : document) {
            const auto place = place_of(source, statement.range.begin);
            if (statement.kind == ecelerity::Statement::Kind::include) {
                auto included = include(statement, place, directory);
                std::move(included.begin(), included.end(), std::back_inserter(out));
                continue;
            }
            Node node{.key = lower_case(statement.name), .header = statement.header, .place = place};
            node.stanza = statement.kind == ecelerity::Statement::Kind::stanza;
            if (node.stanza)
                node.shown = statement.has_header ? fmt::format("{} \"{}\" {{ … }}", statement.name, statement.header)
                                                  : fmt::format("{} {{ … }}", statement.name);
            else
                node.shown = fmt::format("{} = {}", statement.name, ecelerity::print(statement.value));
            node.value = std::move(statement.value);
            node.body = nodes(statement.body, source, directory);
            out.push_back(std::move(node));
        }
        return out;
    }

    // The directory of the including file comes first, as with Momentum, then that of the main file.
    [[nodiscard]] fs::path find(const fs::path& written, const fs::path& directory) const {
        std::error_code error;
        for (const auto& base : {directory, main_directory_})
            if (fs::exists(base / written, error)) return base / written;
        return directory / written;
    }

    // Momentum takes the files of a directory in alphabetical order, hidden ones and directories not.
    static std::vector<fs::path> files_of(const fs::path& path) {
        std::error_code error;
        if (!fs::is_directory(path, error)) return {path};
        std::vector<fs::path> files;
        for (const auto& entry : fs::directory_iterator(path, error))
            if (!entry.path().filename().string().starts_with('.') && entry.is_regular_file(error))
                files.push_back(entry.path());
        std::sort(files.begin(), files.end());
        return files;
    }

    std::vector<Node> include(const ecelerity::Statement& statement, const Place& place, const fs::path& directory) {
        const auto shown = fmt::format("{} \"{}\"", statement.name, statement.header);
        const auto refuse = [&](const std::string& why, const char* instead) {
            report_.not_carried(place, shown, why, instead);
        };
        if (depth_ == max_include_depth) {
            refuse(fmt::format("files include each other {} deep", max_include_depth), "end the circle of includes");
            return {};
        }
        std::vector<Node> out;
        for (const auto& path : files_of(find(statement.header, directory))) {
            std::string why;
            if (++files_ > max_files) {
                refuse(fmt::format("more than {} files", max_files), "migrate the included files one by one");
                return out;
            }
            const auto source = read_file(path, path.string(), why);
            if (!source) {
                refuse(fmt::format("cannot read '{}': {}", path.string(), why),
                       "copy the included files along, with the same paths");
                continue;
            }
            ++depth_;
            auto included = read(source, path.parent_path());
            --depth_;
            std::move(included.begin(), included.end(), std::back_inserter(out));
        }
        return out;
    }

    fs::path main_directory_;
    Report& report_;
    dsl::Diagnostics& diagnostics_;
    unsigned depth_ = 0;
    unsigned files_ = 0;
};

}  // namespace

std::optional<std::vector<Node>> load(const std::string& file, Report& report, dsl::Diagnostics& diagnostics) {
    const auto source = read_file(file, file, diagnostics);
    if (!source) return std::nullopt;
    auto nodes = Loader(file, report, diagnostics).read(source, fs::path(file).parent_path());
    if (diagnostics.has_errors()) return std::nullopt;
    return nodes;
}

}  // namespace sluice::migrate::momentum
