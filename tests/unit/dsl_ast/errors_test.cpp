// The wording and the place of every syntax and structure error: errors.txt holds scripts and what is said about them.
// After a change of texts, SLUICE_UPDATE=1 rewrites it; read the difference before committing it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include "parsing.hpp"

namespace sluice::dsl::ast {

namespace {

struct Sample {
    std::string script;
    std::string said;
};

// A sample is a script, a line `----`, what is said, a line `====`.
std::vector<Sample> read_samples() {
    std::ifstream file(SLUICE_ERROR_SAMPLES);
    std::vector<Sample> samples;
    std::string text;
    Sample current;
    for (std::string line; std::getline(file, line);) {
        if (line == "----") {
            if (!text.empty()) text.pop_back();
            current.script = std::move(text);
            text.clear();
        } else if (line == "====") {
            current.said = std::move(text);
            samples.push_back(std::move(current));
            text.clear();
        } else {
            text += line + "\n";
        }
    }
    return samples;
}

void write_samples(const std::vector<Sample>& samples) {
    std::ofstream file(SLUICE_ERROR_SAMPLES);
    for (const auto& s : samples) file << s.script << "\n----\n" << s.said << "====\n";
}

// Codes that parse() never reports: they need names, or a file that no sample can hold.
bool elsewhere(std::string_view code) {
    return code > "E0121" || code == "E0001" || code == "E0002" || code == "E0023";
}

TEST(Errors, AreSaidAsInErrorsTxt) {
    auto samples = read_samples();
    ASSERT_GT(samples.size(), 100U);
    std::set<std::string_view> seen;
    for (auto& sample : samples) {
        const Parsed parsed = parse_text(sample.script);
        EXPECT_TRUE(parsed.diagnostics.has_errors()) << sample.script;
        std::string said = render(parsed.diagnostics.all());
        EXPECT_EQ(said, sample.said) << sample.script;
        for (const auto& d : parsed.diagnostics.all()) seen.insert(info(d.code).code);
        sample.said = std::move(said);
    }
    if (std::getenv("SLUICE_UPDATE") != nullptr) write_samples(samples);
#define SLUICE_DIAGNOSTIC(id, number, severity_, kind_, text_, hint_) \
    EXPECT_TRUE(elsewhere(number) || seen.contains(number)) << "no sample of " << (number) << " " << #id;
#include "dsl/diag/diagnostics.def"
#undef SLUICE_DIAGNOSTIC
}

TEST(Errors, InvalidUtf8) {
    EXPECT_EQ(errors_of("let x = 1;\n\"\xC3\xA9\xFF\""), "invalid_utf8 2:3-4");
    EXPECT_EQ(errors_of("// \xC0\xAF"), "invalid_utf8 1:4-5");
    EXPECT_EQ(errors_of("\xED\xA0\x80"), "invalid_utf8 1:1-2");
}

TEST(Errors, ControlCharactersAndNul) {
    EXPECT_EQ(errors_of(std::string_view("1 \0 2", 5)), "invalid_character 1:3-4");
    EXPECT_EQ(errors_of("1 \x1b 2"), "invalid_character 1:3-4");
    EXPECT_EQ(errors_of("1 \x7f"), "invalid_character 1:3-4");
    EXPECT_EQ(errors_of("\xC2\xA0 1"), "invalid_character 1:1-2");  // Unicode blanks are no blanks
    EXPECT_EQ(errors_of("1 \v"), "invalid_character 1:3-4");
    EXPECT_EQ(dump("\"\x01\""), "\"\\x01\"");  // but anything may stand in a string
}

TEST(Errors, ColumnsCountScalarsAndTabs) {
    EXPECT_EQ(errors_of("\t\"h\xC3\xA9\xF0\x9F\x93\xA7\" 5"), "missing_semicolon 1:7-7");
    EXPECT_EQ(errors_of("let a = 1;\r\n\tlet b = ;"), "unexpected_token 2:10-11");
}

TEST(Errors, LiteralTooLarge) {
    ParseOptions options;
    options.max_string_bytes = 4;
    options.max_array_items = 2;
    options.max_map_items = 1;
    EXPECT_EQ(dump("[\"abcd\", `abcd`]", options), "(array \"abcd\" \"abcd\")");
    EXPECT_EQ(errors_of("f(\"ab\\u00e9d\")", options), "literal_too_large 1:3-14");
    EXPECT_EQ(errors_of("`a${1}bcdef`", options), "literal_too_large 1:7-12");
    EXPECT_EQ(errors_of("[1, 2, [1, 2, 3]]", options), "literal_too_large 1:1-18, literal_too_large 1:8-17");
    EXPECT_EQ(errors_of("#{a: 1, b: 2}", options), "literal_too_large 1:1-14");
    EXPECT_EQ(parse_text("[1, 2, 3]", options).diagnostics.all()[0].message, "3 items in an array; the limit is 2");
    options.max_string_bytes = options.max_array_items = options.max_map_items = 0;  // no limit
    EXPECT_EQ(errors_of("[\"abcde\", 2, 3, #{a: 1, b: 2}]", options), "");
}

// Without directives the three words are plain names, in messages too.
TEST(Errors, WithoutDirectives) {
    ParseOptions options;
    options.directives = false;
    EXPECT_EQ(errors_of("rule \"a\" || 1", options), "missing_semicolon 1:5-5");
    EXPECT_EQ(errors_of("rule name", options), "missing_semicolon 1:5-5");
    EXPECT_EQ(dump("[rule || { 1 }]", options), "(array (|| rule (block 1)))");
    EXPECT_EQ(errors_of("[1 rule \"a\"]", options), "missing_comma 1:3-3");
}

TEST(Errors, SingleExpression) {
    ParseOptions options;
    options.expression_only = true;
    EXPECT_EQ(dump("40 + 2", options), "(+ 40 2)");
    EXPECT_EQ(errors_of("40 + 2;", options), "unexpected_token 1:7-8");
    EXPECT_EQ(errors_of("x = 42", options), "assignment_as_value 1:3-4");
    EXPECT_EQ(errors_of("let x = 42", options), "statement_as_value 1:1-4");
    EXPECT_EQ(errors_of("", options), "unexpected_end 1:1-1");
    EXPECT_EQ(errors_of("1 2", options), "unexpected_token 1:3-4");
    EXPECT_EQ(errors_of("(1", options), "unclosed_bracket 1:1-2");
}

}  // namespace

}  // namespace sluice::dsl::ast
