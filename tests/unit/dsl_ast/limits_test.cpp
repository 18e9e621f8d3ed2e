// Nesting limits (vsl-language.md section 17), and texts that are very deep or very long.
#include <gtest/gtest.h>

#include "grammar/vsl/nesting.hpp"
#include "parsing.hpp"

namespace sluice::dsl::ast {

namespace {

std::string times(std::string_view text, std::size_t n) {
    std::string out;
    out.reserve(text.size() * n);
    for (std::size_t i = 0; i < n; ++i) out += text;
    return out;
}

std::string first_error(const std::string& text, const ParseOptions& options = {}) {
    const Parsed parsed = parse_text(text, options);
    return parsed.diagnostics.has_errors() ? std::string(info(parsed.diagnostics.all().front().code).name) : "";
}

struct Shape {
    const char* open;
    const char* middle;
    const char* close;
    std::size_t levels;  // that one repetition counts
    std::size_t base;    // levels of the text without repetitions
};

std::string build(const Shape& s, std::size_t n) { return times(s.open, n) + s.middle + times(s.close, n); }

const Shape shapes[] = {
    {"(", "1", ")", 1, 1},
    {"[", "1", "]", 1, 1},
    {"#{a: ", "1", "}", 1, 1},
    {"f(", "1", ")", 1, 1},
    {"a.f(", "1", ")", 1, 1},
    {"a[", "1", "]", 1, 1},
    {"|x| ", "1", "", 1, 1},
    {"!", "a", "", 1, 1},
    {"- ", "a", "", 1, 1},
    {"1 ** ", "1", "", 1, 1},
    {"{ ", "", " }", 1, 0},
    {"`${", "1", "}`", 1, 1},
    {"loop { ", "", " }", 1, 0},
    {"do { ", "", " } while a", 1, 0},
    {"if a { ", "", " }", 1, 0},
    {"if a { } else { ", "", " }", 1, 0},
    {"try { } catch { ", "", " }", 1, 0},
    {"switch a { 1 => ", "1", " }", 1, 1},
    {"rule \"a\" || ", "1", "", 2, 1},
    {"delegate s \"a\" || ", "1", "", 2, 1},
    {"|| { ", "1", " }", 2, 1},
    {"if ", "a", " { }", 1, 0},
    {"while ", "a", " { }", 1, 0},
    {"switch ", "a", " { }", 1, 0},
    {"for a in ", "b", " { }", 1, 0},
};

TEST(Nesting, LimitAndOnePast) {
    for (const auto& s : shapes) {
        const std::size_t fits = (64 - s.base) / s.levels;
        EXPECT_EQ(first_error(build(s, fits)), "") << s.open;
        EXPECT_EQ(first_error(build(s, fits + 1)), "expression_too_deep") << s.open;
    }
}

TEST(Nesting, FunctionsHaveTheirOwnLimit) {
    for (const auto& s : shapes) {
        const std::size_t fits = (32 - 1 - s.base) / s.levels;  // the body is a block
        const auto function = [&](std::size_t n) { return "fn f(a) { " + build(s, n) + " }"; };
        EXPECT_EQ(first_error(function(fits)), "") << s.open;
        EXPECT_EQ(first_error(function(fits + 1)), "expression_too_deep") << s.open;
    }
    // The limit of the top level is back after the function.
    EXPECT_EQ(first_error("fn f() { } " + times("(", 63) + "1" + times(")", 63)), "");
}

TEST(Nesting, ConfiguredLimits) {
    ParseOptions options;
    options.max_depth_top = 3;
    options.max_depth_function = 2;
    EXPECT_EQ(first_error("((1))", options), "");
    EXPECT_EQ(errors_of("(((1)))", options), "expression_too_deep 1:4-5");
    EXPECT_EQ(first_error("fn f() { 1 }", options), "");
    EXPECT_EQ(errors_of("fn f() { (1) }", options), "expression_too_deep 1:11-12");
    EXPECT_EQ(errors_of("f((a(b)))", options), "expression_too_deep 1:6-7");
    EXPECT_EQ(first_error("f([])", options), "");
    EXPECT_EQ(first_error("((f()))", options), "");
    EXPECT_EQ(first_error("(([]))", options), "");
    EXPECT_EQ(errors_of("1 ** 2 ** 3 ** 4", options), "expression_too_deep 1:13-15");
    EXPECT_EQ(first_error("1 ** 2 ** 3 + 1 ** 2 ** 3 * 1 ** 2 ** 3", options), "");
    EXPECT_EQ(first_error("[1 ** 2, 1 ** 2]; !!a + !!b; [!a, !b]", options), "");
    EXPECT_EQ(errors_of("[!!a]", options), "expression_too_deep 1:3-4");
}

TEST(Nesting, ZeroMeansAsDeepAsTheParserGoes) {
    ParseOptions options;
    options.max_depth_top = options.max_depth_function = 0;
    for (const auto& s : shapes) {
        const std::size_t fits = (grammar::vsl::Nesting::hard_limit - s.base) / s.levels;
        EXPECT_EQ(first_error(build(s, fits), options), "") << s.open;
        EXPECT_EQ(first_error(build(s, fits + 1), options), "expression_too_deep") << s.open;
        EXPECT_EQ(first_error("fn f() { " + build(s, fits + 1) + "}", options), "expression_too_deep") << s.open;
    }
    options.max_depth_top = 1'000'000;  // more than the parser goes is no more
    EXPECT_EQ(first_error(times("(", 300) + "1" + times(")", 300), options), "expression_too_deep");
}

// Neither the parser nor what is done after an error may use the C++ stack for this.
TEST(Deep, NothingOverflows) {
    for (const auto& s : shapes) {
        EXPECT_EQ(first_error(build(s, 50'000)), "expression_too_deep") << s.open;
        EXPECT_NE(first_error(times(s.open, 50'000)), "") << s.open;
    }
    EXPECT_EQ(first_error(times("fn f() { ", 10'000)), "expression_too_deep");
    EXPECT_EQ(first_error(times("}", 50'000)), "unopened_bracket");
    EXPECT_EQ(first_error(times("`${", 50'000)), "expression_too_deep");
    EXPECT_EQ(first_error(times("/*", 50'000)), "unterminated_comment");
}

TEST(Deep, CommentsNestToAnyDepth) {
    EXPECT_EQ(first_error(times("/*", 50'000) + times("*/", 50'000) + " 1"), "");
    EXPECT_EQ(first_error(times("/*", 50'000) + times("*/", 49'999) + " 1"), "unterminated_comment");
}

TEST(Long, FlatTextsHaveNoLimit) {
    constexpr std::size_t n = 20'000;
    const std::string texts[] = {
        "1" + times(" + 1", n),
        "\"a\"" + times(" + b", n),
        "a" + times(" && b", n),
        "a" + times(" ?? b", n),
        "a" + times(".b", n),
        "a" + times("?.b", n),
        "a" + times("[0]", n),
        "a" + times(".f()", n),
        "a" + times("::b", n),
        "[" + times("1, ", n) + "]",
        "f(" + times("1, ", n) + ")",
        "if a { }" + times(" else if b { }", n) + " else { }",
        times("let x = 1; ", n),
        times("if a { } ", n),
        times(";", n),
        "`" + times("${a}", n) + "`",
        "switch a { " + times("1 => 2, ", n) + "}",
        "switch a { 1" + times(" | 1", n) + " => 2 }",
        "|" +
            [] {
                std::string s;
                for (int i = 0; i < 5000; ++i) s += "p" + std::to_string(i) + ",";
                return s;
            }() +
            "| 1",
        "#{" +
            [] {
                std::string s;
                for (int i = 0; i < 5000; ++i) s += "p" + std::to_string(i) + ":1,";
                return s;
            }() +
            "}",
        "\"" + times("\\n", n) + "\"",
        "`" + times("``", n) + "`",
        "x" + times(" ", n) + "= 1",
        "x = 1" + times(" // c\n", n),
        [] {
            std::string s;
            for (int i = 0; i < 5000; ++i) s += "fn f" + std::to_string(i) + "() { } ";
            return s;
        }(),
    };
    for (const auto& text : texts) {
        const Parsed parsed = parse_text(text);
        ASSERT_TRUE(parsed.ast != nullptr) << text.substr(0, 40) << ": " << places(parsed).substr(0, 200);
        EXPECT_GT(print(*parsed.ast).size() + 1, 0U);  // the printer does not recurse either
    }
}

// Long texts that are wrong: finding words for the error, and a place to go on, is not quadratic.
TEST(Long, WrongTexts) {
    constexpr std::size_t n = 20'000;
    EXPECT_EQ(first_error("[" + times("1, ", n) + "2 3]"), "missing_comma");
    EXPECT_EQ(first_error("switch a { 0" + times("..1", n) + " => 2 }"), "switch_label_not_literal");
    EXPECT_EQ(first_error("a" + times(" = a", n)), "assignment_as_value");
    EXPECT_EQ(first_error("a" + times(".b", n) + "() = 1"), "assignment_to_call");
    EXPECT_EQ(first_error("a" + times(" + b", n) + " = 1"), "assignment_to_expression");
    EXPECT_EQ(parse_text(times("let x = ;\n", n)).diagnostics.errors(), 20U);  // enough is enough
    EXPECT_EQ(parse_text("[" + times("rule \"a\" || ;,\n", n) + "]").diagnostics.errors(), 20U);
    EXPECT_EQ(parse_text(times("break;", n)).diagnostics.errors(), n);  // checks report all
}

}  // namespace

}  // namespace sluice::dsl::ast
