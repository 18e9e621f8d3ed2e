#include "engine/rehearsal/test_run.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "dsl/code/program.hpp"
#include "dsl/source/script_loader.hpp"
#include "dsl/tools/session.hpp"
#include "engine/rehearsal/test_functions.hpp"

namespace sluice::rehearsal {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view ending = ".test.vsl";

dsl::Limits test_limits() {
    dsl::Limits limits;
    limits.operations = 50'000'000;
    return limits;
}

std::string place_of(const dsl::SourceFile& source, dsl::Span span) {
    const auto at = source.position(span.begin);
    return fmt::format("{}:{}:{}", source.name(), at.line, at.column);
}

struct Test {
    std::string name;
    dsl::Value body;
    const dsl::Function* function;
};

// In the order in which they are written. Nothing after a diagnostic.
std::vector<Test> read_tests(const dsl::Value& value, const dsl::SourcePtr& source, dsl::Diagnostics& diagnostics) {
    std::vector<Test> tests;
    const auto problem = [&](std::string text) {
        diagnostics.add(dsl::Code::test_file, source, {}, std::move(text),
                        "the value of a test file is a map: #{ \"what it shows\": || { … }, }");
        tests.clear();
        return tests;
    };
    if (!value.is_map()) return problem(fmt::format("the value is of type {}", dsl::type_name(value)));
    for (const auto& [name, body] : value.as_map().entries()) {
        const auto* function = body.is_fn() ? body.as_fn().function : nullptr;
        if (!function) return problem(fmt::format("the test '{}' is not a closure", name.as_string()));
        if (function->params != 0) return problem(fmt::format("the test '{}' takes parameters", name.as_string()));
        tests.push_back({std::string(name.as_string()), body, function});
    }
    std::ranges::stable_sort(tests, {}, [](const Test& test) { return test.function->span.begin; });
    return tests;
}

TestResult play(const Test& test, dsl::tools::Loaded& loaded, TestHost& host) {
    TestResult result{.name = test.name, .place = place_of(*test.function->unit->source, test.function->span)};
    const auto begin = std::chrono::steady_clock::now();
    {
        dsl::vm::Vm machine(*loaded.program, *loaded.globals, test_limits());
        host.begin_test();
        machine.set_host(&host);
        if (machine.call(test.body, {}) != dsl::vm::Status::done) {
            const auto& error = machine.error();
            result.is_broken = host.failure().empty();
            result.failure =
                result.is_broken ? fmt::format("{}: {}", dsl::name(error->kind), error->message) : host.failure();
            if (error->source) result.place = place_of(*error->source, error->span);
        }
    }
    result.time = std::chrono::steady_clock::now() - begin;
    return result;
}

void add_files(const fs::path& directory, std::set<fs::path>& files) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory, error)) {
        if (!entry.path().string().ends_with(ending) || !entry.is_regular_file(error)) continue;
        const auto path = fs::canonical(entry.path(), error);
        if (!error) files.insert(path);
    }
}

}  // namespace

std::vector<std::string> find_test_files(const config::Configuration& configuration) {
    std::set<fs::path> files;
    add_files(configuration.root, files);
    add_files(fs::path(configuration.root) / "tests", files);
    if (!configuration.filter_path.empty()) add_files(fs::path(configuration.filter_path).parent_path(), files);
    for (const auto& domain : configuration.domains)
        if (!domain.directory.empty()) add_files(domain.directory, files);
    return {files.begin(), files.end()};
}

TestFile run_test_file(const std::string& path, Rehearsal& rehearsal, std::string_view only) {
    std::error_code error;
    const auto root = fs::canonical(rehearsal.configuration().root, error);
    const auto relative = fs::path(path).lexically_relative(root).string();
    TestFile file{.name = relative.empty() || relative.starts_with("..") ? path : relative};
    dsl::FileLoader loader;
    const auto text = loader.load(path);
    if (!text) {
        file.diagnostics.add(dsl::Code::test_file, nullptr, {}, fmt::format("Cannot read file at \"{}\"", path));
        return file;
    }
    dsl::tools::Session session(test_library(), test_limits());
    session.set_loader(&loader, rehearsal.configuration().root);
    session.set_strict(true);
    auto loaded = session.compile(file.name, *text, false, false, file.diagnostics);
    if (!loaded.program) return file;
    const auto& source = loaded.program->main->source;
    dsl::Value tests;
    if (const auto failed = session.run(loaded, tests)) {
        file.diagnostics.add(dsl::Code::test_file, failed->source ? failed->source : source, failed->span,
                             fmt::format("the test file failed: {}: {}", dsl::name(failed->kind), failed->message));
        return file;
    }
    TestHost host(rehearsal);
    for (const auto& test : read_tests(tests, source, file.diagnostics))
        if (test.name.find(only) != std::string::npos) file.results.push_back(play(test, loaded, host));
    return file;
}

}  // namespace sluice::rehearsal
