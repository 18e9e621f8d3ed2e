// `sluice test`: the tests that stand beside the rules (engine/rehearsal/test_run.hpp says what they are).
#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "engine/app/commands.hpp"
#include "engine/app/generation.hpp"
#include "engine/rehearsal/test_report.hpp"

namespace sluice::app {

namespace {

struct Options {
    std::string directory;
    std::string only;
    std::string junit;
    bool coverage = false;
};

int no_tests(const config::Configuration& configuration) {
    std::cerr << fmt::format(
        "there are no tests: no file *.test.vsl in {0}, in {0}/tests or in the directory of an enabled domain\n"
        "  hint: write {0}/filter.test.vsl: #{{ \"what it shows\": || {{ let s = session(); s.ehlo(\"client.test\"); "
        "}} "
        "}}\n",
        configuration.root);
    return 1;
}

int test(const Options& options) {
    const auto generation = load_for_trial(options.directory, "the rules cannot be loaded: no test was run",
                                           options.coverage ? filter::Marks::yes : filter::Marks::no);
    if (!generation.rules) return 1;
    rehearsal::Rehearsal rehearsal(generation.configuration, generation.rules, generation.users);
    std::vector<rehearsal::TestFile> files;
    for (const auto& path : rehearsal::find_test_files(*generation.configuration))
        files.push_back(rehearsal::run_test_file(path, rehearsal, options.only));
    if (files.empty()) return no_tests(*generation.configuration);
    if (options.coverage) std::cout << rehearsal.coverage().text();
    std::cout << rehearsal::text_report(files);
    const auto count = rehearsal::tally(files);
    if (count.passed + count.failed == 0) {
        std::cerr << fmt::format("no test has '{}' in its name\n", options.only);
        return 1;
    }
    if (!options.junit.empty()) {
        std::ofstream out(options.junit);
        out << rehearsal::junit_report(files);
        if (!out.flush()) {
            std::cerr << fmt::format("cannot write '{}'\n", options.junit);
            return 1;
        }
    }
    return count.failed == 0 ? 0 : 1;
}

}  // namespace

void add_test(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("test", "Run the tests (*.test.vsl) that stand beside the rules");
    command->add_option("DIR,-c,--config", options->directory,
                        "configuration directory or root script (default /etc/sluice)");
    command->add_option("--only", options->only, "run the tests whose name contains this");
    command->add_option("--junit", options->junit, "write the results as JUnit XML to this file, too");
    command->add_flag("--coverage", options->coverage, "show the rules and branches that no test reaches");
    command->callback([options, &exit_code] { exit_code = test(*options); });
}

}  // namespace sluice::app
