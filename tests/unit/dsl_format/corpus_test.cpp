// Every script of the repository: formatting twice is formatting once, and the bytecode stays.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <regex>
#include <sstream>

#include <boost/json.hpp>

#include "dsl/ast/scan.hpp"
#include "dsl/code/compiler.hpp"
#include "dsl/diag/render.hpp"
#include "dsl/format/format.hpp"
#include "dsl/format/trivia.hpp"
#include "dsl/host/host.hpp"
#include "dsl/tools/disasm.hpp"

namespace sluice::dsl {
namespace {

namespace fs = std::filesystem;

const fs::path root = SLUICE_SOURCE_DIR;

SourcePtr source_of(const std::string& text) { return std::make_shared<SourceFile>("script", text); }

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Instructions and constants; or the codes of what is wrong. Names of closures hold their place.
std::string bytecode(const std::string& text) {
    MapLoader loader({});
    code::CompileOptions options;
    options.natives = &rule_library();
    options.loader = &loader;
    Diagnostics diagnostics;
    const auto program = code::compile(source_of(text), options, diagnostics);
    std::ostringstream out;
    for (const auto& problem : diagnostics.all()) out << info(problem.code).code << '\n';
    if (program) tools::disassemble(*program, out);
    static const std::regex source_line(R"((^|\n) *\d+ \| [^\n]*)"), place(R"(\(script:\d+\))");
    return std::regex_replace(std::regex_replace(out.str(), source_line, ""), place, "");
}

struct Outcome {
    int formatted = 0;
    int syntax_errors = 0;
};

void check(const std::string& text, const std::string& name, Outcome& outcome) {
    Diagnostics diagnostics;
    const auto once = format::format(source_of(text), {}, diagnostics);
    for (const auto& problem : diagnostics.all()) EXPECT_NE(problem.code, Code::not_formatted) << name << "\n" << text;
    if (!once) {
        ++outcome.syntax_errors;
        return;
    }
    ++outcome.formatted;
    const auto twice = format::format(source_of(*once), {}, diagnostics);
    ASSERT_TRUE(twice) << name << "\n" << render(diagnostics.all()) << *once;
    EXPECT_EQ(*once, *twice) << name << "\n" << text;
    EXPECT_EQ(bytecode(text), bytecode(*once)) << name << "\n" << text << "\n" << *once;
}

// The script with line breaks and comments thrown between its tokens, the same ones each time.
std::string strewn(const std::string& text, unsigned seed) {
    static constexpr std::string_view pieces[] = {" ",        "\n",     "/* a */",         " // b\n",
                                                  "\n// c\n", "\n\n\n", "\n/* d\n e */\n", " /*f*/ /*g*/ "};
    std::minstd_rand random(seed);
    std::string out;
    for (std::uint32_t at = ast::skip_blanks(text, 0); at < text.size();) {
        const auto literal = format::literal_length(text, at);
        const auto end = literal != 0 ? at + literal : ast::token_at(text, at).span.end;
        out += text.substr(at, end - at);
        at = ast::skip_blanks(text, end);
        const bool needs_blank = at != end;
        if (random() % 4 == 0)
            out += pieces[random() % std::size(pieces)];
        else if (needs_blank)
            out += ' ';
    }
    return out;
}

using Look = void (*)(const std::string& text, const std::string& name, Outcome& outcome);

void check_strewn(const std::string& text, const std::string& name, Outcome& outcome) {
    for (unsigned seed = 1; seed < 6; ++seed)
        check(strewn(text, seed), name + " seed " + std::to_string(seed), outcome);
}

Outcome check_cases(const std::string& file, Look check) {
    Outcome outcome;
    std::ifstream lines(root / "tests/language" / file);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto value = boost::json::parse(line).as_object();
        ++number;
        for (const char* key : {"script", "setup"}) {
            const auto* script = value.if_contains(key);
            if (script && script->is_string())
                check(std::string(script->as_string()), file + ":" + std::to_string(number), outcome);
        }
        if (const auto* modules = value.if_contains("modules"); modules && modules->is_object())
            for (const auto& [name, text] : modules->as_object())
                if (text.is_string()) check(std::string(text.as_string()), std::string(name), outcome);
    }
    return outcome;
}

TEST(FormatCorpus, LanguageCases) {
    const auto outcome = check_cases("vsl-language-cases.jsonl", check);
    EXPECT_GE(outcome.formatted, 500);
}

TEST(FormatCorpus, Conformance) {
    const auto outcome = check_cases("conformance.jsonl", check);
    EXPECT_GE(outcome.formatted, 2000);
}

TEST(FormatCorpus, CommentsEverywhere) {
    const auto outcome = check_cases("vsl-language-cases.jsonl", check_strewn);
    EXPECT_GE(outcome.formatted, 2500);
    EXPECT_GE(check_cases("conformance.jsonl", check_strewn).formatted, 10000);
}

TEST(FormatCorpus, ScriptsOfTheRepository) {
    Outcome outcome;
    for (const char* folder : {"conf.d", "domain-available", "tests"})
        for (const auto& entry : fs::recursive_directory_iterator(root / folder))
            if (entry.path().extension() == ".vsl") check(read(entry.path()), entry.path().string(), outcome);
    check(read(root / "filter.vsl"), "filter.vsl", outcome);
    EXPECT_GE(outcome.formatted, 40);
}

// Samples of errors and of explanations: the right examples are scripts, most wrong ones too.
TEST(FormatCorpus, Explanations) {
    Outcome outcome;
    for (const auto& entry : fs::directory_iterator(root / "dsl/diag/explanations")) {
        std::istringstream book(read(entry.path()));
        std::string example;
        bool inside = false;
        for (std::string line; std::getline(book, line);) {
            if (!line.starts_with("```")) {
                if (inside) example += line + "\n";
                continue;
            }
            if (inside) check(example, entry.path().string(), outcome);
            inside = !inside;
            example.clear();
        }
    }
    EXPECT_GE(outcome.formatted, 100);
}

TEST(FormatCorpus, ShippedScriptsAreFormatted) {
    for (const char* path : {"filter.vsl", "conf.d/config.vsl", "domain-available/example.com/config.vsl",
                             "domain-available/example.com/incoming.vsl", "domain-available/example.com/outgoing.vsl",
                             "domain-available/example.com/internal.vsl"}) {
        Diagnostics diagnostics;
        const auto text = read(root / path);
        EXPECT_EQ(format::format(source_of(text), {}, diagnostics), text) << path;
    }
}

}  // namespace
}  // namespace sluice::dsl
