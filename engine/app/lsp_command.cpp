// `sluice lsp`: the language server, on standard input and output.
#include <filesystem>
#include <iostream>

#include <boost/json.hpp>

#include "dsl/lsp/transport.hpp"
#include "engine/app/commands.hpp"
#include "engine/app/generation.hpp"
#include "engine/rehearsal/test_functions.hpp"

namespace sluice::app {

namespace {

namespace fs = std::filesystem;
namespace lsp = dsl::lsp;

std::uint32_t number(const boost::json::object& problem, std::string_view key) {
    const auto* found = problem.if_contains(key);
    return found ? found->to_number<std::uint32_t>() : 0;
}
std::string text(const boost::json::object& problem, std::string_view key) {
    const auto* found = problem.if_contains(key);
    return found ? std::string(std::string_view(found->as_string())) : std::string();
}

// Lines and columns from 1, columns in characters, as reports have them.
std::uint32_t offset(const dsl::SourceFile& source, std::uint32_t line, std::uint32_t column) {
    const auto found = source.line(line);
    if (found.data() == nullptr) return 0;
    auto at = static_cast<std::uint32_t>(found.data() - source.text().data());
    const auto end = at + static_cast<std::uint32_t>(found.size());
    while (at < end && source.position(at).column < column) ++at;
    return at;
}

lsp::Problem problem_of(const boost::json::object& found, const dsl::SourceFile& source,
                        const lsp::Document& document) {
    lsp::Problem problem;
    problem.code = text(found, "code");
    const auto severity = text(found, "severity");
    problem.severity = severity == "error"     ? dsl::Severity::error
                       : severity == "warning" ? dsl::Severity::warning
                                               : dsl::Severity::note;
    problem.message = text(found, "message");
    problem.hint = text(found, "hint");
    const auto line = number(found, "line");
    if (line == 0) return problem;
    const auto begin = offset(source, line, number(found, "column"));
    const auto end_line = number(found, "end_line");
    const auto end = end_line == 0 ? begin : offset(source, end_line, number(found, "end_column"));
    problem.range = document.range({begin, std::max(begin, end)});
    return problem;
}

// What `sluice check` says of this file. Only of a file as it is on disk: the configuration is read from there.
std::vector<lsp::Problem> check_saved(const std::string& root, const lsp::Document& document) {
    const auto on_disk = dsl::FileLoader().load(document.path());
    if (!on_disk || *on_disk != document.text()) return {};
    Report report;
    (void)load_generation(root, tls::make_ticket_keys(std::chrono::hours(12)), report);
    const dsl::SourceFile source(document.path(), std::string(document.text()));
    std::vector<lsp::Problem> problems;
    const auto all = boost::json::parse(report.json());
    for (const auto& item : all.as_array()) {
        const auto& found = item.as_object();
        const auto file = text(found, "file");
        std::error_code ignored;
        if (!file.empty() && fs::equivalent(fs::path(root) / file, document.path(), ignored))
            problems.push_back(problem_of(found, source, document));
    }
    return problems;
}

}  // namespace

void add_lsp(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("lsp", "Language server for editors, on standard input and output");
    // Editors add it; there is no other way to talk.
    auto ignored = std::make_shared<bool>(false);
    command->add_flag("--stdio", *ignored, "standard input and output, which are used anyway");
    command->callback([&app, &exit_code, ignored] {
        std::ios::sync_with_stdio(false);
        exit_code = lsp::serve(std::cin, std::cout, app.version(), check_saved, rehearsal::test_library());
    });
}

}  // namespace sluice::app
