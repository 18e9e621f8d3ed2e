#include "engine/rehearsal/test_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/diag/render.hpp"

namespace sluice::rehearsal {

namespace {

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

std::string indented(std::string_view text, std::string_view by) {
    std::string out(by);
    for (const char c : text) {
        out += c;
        if (c == '\n') out += by;
    }
    return out;
}

// XML 1.0 knows no way to write most control characters.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '&': out += "&amp;"; break;
            case '"': out += "&quot;"; break;
            case '\n': out += "&#10;"; break;
            case '\t': out += "&#9;"; break;
            default: out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
        }
    }
    return out;
}

std::string junit_case(const TestFile& file, const TestResult& result) {
    auto xml = fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.6f}\"", escaped(file.name),
                           escaped(result.name), seconds(result.time));
    if (result.failure.empty()) return xml + "/>\n";
    const auto* const kind = result.is_broken ? "error" : "failure";
    const auto first = result.failure.substr(0, result.failure.find('\n'));
    return xml + fmt::format(">\n      <{} message=\"{}\">{}</{}>\n    </testcase>\n", kind, escaped(first),
                             escaped(result.place + "\n" + result.failure), kind);
}

}  // namespace

Tally tally(std::span<const TestFile> files) {
    Tally tally;
    for (const auto& file : files) {
        if (file.diagnostics.has_errors()) ++tally.failed;
        for (const auto& result : file.results) ++(result.failure.empty() ? tally.passed : tally.failed);
    }
    return tally;
}

std::string text_report(std::span<const TestFile> files) {
    std::string text;
    for (const auto& file : files) {
        text += file.name + "\n" + dsl::render(file.diagnostics.all());
        for (const auto& result : file.results) {
            text += fmt::format("  {}  {}\n", result.failure.empty() ? "ok  " : "FAIL", result.name);
            if (!result.failure.empty())
                text += fmt::format("        at {}\n{}\n", result.place, indented(result.failure, "        "));
        }
    }
    const auto count = tally(files);
    return text + fmt::format("{} passed, {} failed\n", count.passed, count.failed);
}

std::string junit_report(std::span<const TestFile> files) {
    std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    for (const auto& file : files) {
        const auto count = tally({&file, 1});
        const auto broken = std::ranges::count_if(file.results, &TestResult::is_broken);
        const auto unloadable = file.diagnostics.has_errors();
        xml += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n", escaped(file.name),
                           count.passed + count.failed, count.failed - static_cast<std::size_t>(broken) - unloadable,
                           broken + unloadable);
        if (unloadable)
            xml += junit_case(file, {.name = "loads",
                                     .place = file.name,
                                     .failure = dsl::render(file.diagnostics.all()),
                                     .is_broken = true});
        for (const auto& result : file.results) xml += junit_case(file, result);
        xml += "  </testsuite>\n";
    }
    return xml + "</testsuites>\n";
}

}  // namespace sluice::rehearsal
