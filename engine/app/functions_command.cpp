// `sluice functions`: what rules may call, from the same table that the compiler and the editor use.
#include <algorithm>
#include <iostream>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "dsl/diag/diagnostic.hpp"
#include "dsl/host/host.hpp"
#include "dsl/lsp/library.hpp"
#include "engine/app/commands.hpp"

namespace sluice::app {

namespace {

// Names of the library, sorted, each once.
std::vector<std::string_view> names() {
    auto all = dsl::rule_library().names();
    std::ranges::sort(all);
    const auto [first, last] = std::ranges::unique(all);
    all.erase(first, last);
    return all;
}

boost::json::object as_json(std::string_view name) {
    boost::json::object object{{"name", name}};
    const auto groups = dsl::lsp::groups_of(dsl::rule_library(), name);
    object["signatures"] = dsl::lsp::signatures(groups);
    for (const auto* group : groups) {
        const auto* host = dsl::host_function(*group);
        if (!host) continue;
        object["doc"] = host->doc;
        object["stage"] = dsl::to_string(host->first_stage);
        break;
    }
    return object;
}

int one(const std::string& name, bool json) {
    const auto all = names();
    if (std::ranges::find(all, name) == all.end()) {
        const auto near = dsl::did_you_mean(name, all);
        std::cerr << fmt::format(
            "there is no function '{}'\n  hint: {}\n", name,
            near.empty() ? "`sluice functions` lists all functions" : fmt::format("did you mean '{}'?", near));
        return 1;
    }
    if (json)
        std::cout << boost::json::serialize(as_json(name)) << '\n';
    else
        std::cout << dsl::lsp::describe_library(dsl::lsp::groups_of(dsl::rule_library(), name));
    return 0;
}

// The reference page: a chapter for each module, functions without one last.
int page() {
    std::string module = "-";
    std::cout << "# Functions of rules\n";
    for (const bool global : {false, true}) {
        for (const auto name : names()) {
            const auto at = name.find("::");
            if ((at == std::string_view::npos) != global) continue;
            const auto chapter = global ? std::string("everywhere") : std::string(name.substr(0, at));
            if (chapter != module) std::cout << fmt::format("\n## {}\n", chapter);
            module = chapter;
            std::cout << fmt::format("\n### {}\n\n{}", name,
                                     dsl::lsp::describe_library(dsl::lsp::groups_of(dsl::rule_library(), name)));
        }
    }
    return 0;
}

int functions(const std::string& name, bool json) {
    if (!name.empty()) return one(name, json);
    if (!json) return page();
    boost::json::array all;
    for (const auto each : names()) all.push_back(as_json(each));
    std::cout << boost::json::serialize(all) << '\n';
    return 0;
}

}  // namespace

void add_functions(CLI::App& app, int& exit_code) {
    struct Options {
        std::string name;
        bool json = false;
    };
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("functions", "Describe a function of rules, or print the page of all of them");
    command->add_option("NAME", options->name, "name of a function: ctx::helo");
    command->add_flag("--json", options->json, "print as JSON");
    command->callback([options, &exit_code] { exit_code = functions(options->name, options->json); });
}

}  // namespace sluice::app
