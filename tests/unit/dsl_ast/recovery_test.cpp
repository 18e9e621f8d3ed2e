// After a syntax error: independent errors are all reported, none that only follows from another one.
#include <gtest/gtest.h>

#include "dsl/ast/scan.hpp"
#include "parsing.hpp"

namespace sluice::dsl::ast {

namespace {

TEST(Recovery, StatementsOfTheTopLevel) {
    EXPECT_EQ(errors_of("let a = ;\nlet b = 1 +;\nlet c = 3;\nlet d = (;\n"),
              "unexpected_token 1:9-10, unexpected_token 2:12-13, unexpected_token 4:10-11");
    EXPECT_EQ(errors_of("let a = 1\nlet b = 2\nlet c = 3"), "missing_semicolon 1:10-10, missing_semicolon 2:10-10");
    EXPECT_EQ(errors_of("foo(1) bar(2); let x = ;"), "missing_semicolon 1:7-7, unexpected_token 1:24-25");
    EXPECT_EQ(errors_of("import \"a\" as 5;\nexport 6;\nconst = 7;"),
              "variable_expected 1:15-16, variable_expected 2:8-9, variable_expected 3:7-8");
}

TEST(Recovery, Functions) {
    EXPECT_EQ(errors_of("fn f() { let a = ; if { } x++ }\nfn g() { return 1 + }\nfn h() { 1 }\nlet = 5;"),
              "unexpected_token 1:18-19, unexpected_token 2:21-22, variable_expected 4:5-6");
    EXPECT_EQ(errors_of("fn f() { let a = ; } g(1 2);"), "unexpected_token 1:18-19, missing_comma 1:25-25");
}

TEST(Recovery, Directives) {
    EXPECT_EQ(
        errors_of(
            "#{\n connect: [\n  rule \"a\" || x++,\n  rule \"b\" || 1,\n  action \"c\" || { if a = 1 { } },\n ],\n"
            " mail: [\n  rule \"d\" ||,\n  delegate s \"e\" || (,\n  rule \"f\" || 2\n  rule \"g\" || 3 4,\n ]\n}"),
        "increment_operator 3:16-18, assignment_in_condition 5:24-25, unexpected_token 8:14-15, "
        "unexpected_token 9:22-23");
    EXPECT_EQ(errors_of("[\n rule \"a\" || 1\n rule \"b\" || 2\n rule \"c\" || 3 4,\n rule \"d\" || 5]"),
              "missing_comma_directives 2:15-15, missing_comma_directives 3:15-15, missing_comma 4:15-15");
    EXPECT_EQ(errors_of("#{ connect: [ rule \"a\" || 1 2 ] };\nlet x = ;"),
              "missing_comma 1:28-28, unexpected_token 2:9-10");
}

// Checks run over what could be parsed.
TEST(Recovery, ChecksOfTheRest) {
    EXPECT_EQ(errors_of("break;\nlet x = ;\n1 = 2;\n#{ a: [ rule \"r\" || 1 2, rule \"s\" || { continue } ] }"),
              "break_outside_loop 1:1-6, unexpected_token 2:9-10, assignment_to_literal 3:1-2, missing_comma 4:22-22, "
              "break_outside_loop 4:40-48");
    // A statement that was left half way is not checked: `this` would not be the trouble here.
    EXPECT_EQ(errors_of("this()"), "call_of_value 1:5-6");
}

TEST(Recovery, NothingIsReportedTwiceOverBrackets) {
    EXPECT_EQ(errors_of("let a = (1;\nlet b = 2;\nfn f() { break }"), "missing_token 1:11-12");
    EXPECT_EQ(errors_of("#{ a: [ rule \"r\" || { f(1 }, rule \"s\" || 1 2 ] }"), "wrong_bracket 1:27-28");
    EXPECT_EQ(errors_of("#{ a: [ rule \"r\" || { 1 } }, rule \"s\" || 1 2 ] }"), "wrong_bracket 1:27-28");
    EXPECT_EQ(errors_of("#{ a: [ rule \"r\" || { 1, rule \"s\" || 2 2 ] }").find(','), std::string::npos);
    EXPECT_EQ(errors_of("fn f() {\n  if a {\n}\nfn g() { }\nlet x = ;"),
              "nested_function 4:1-5, unexpected_token 5:9-10");
}

TEST(Recovery, NoGoingOnAfterTokensWithoutEnd) {
    EXPECT_EQ(errors_of("let a = \"x;\nlet b = ;"), "unterminated_string 1:9-12");
    EXPECT_EQ(errors_of("let a = `x;\nlet b = ;"), "unterminated_template 1:9-10");
    EXPECT_EQ(errors_of("let a = /* x;\nlet b = ;"), "unterminated_comment 1:9-11");
    EXPECT_EQ(errors_of("let a = \"\\q\";\nlet b = ;"), "unknown_escape 1:10-12, unexpected_token 2:9-10");
}

TEST(Recovery, SameResultWhateverCameBefore) {
    const Parsed parsed = parse_text("let a = 1;\nlet b = ;\nlet c = 2;");
    EXPECT_TRUE(parsed.ast == nullptr);  // an error is an error, however much could be parsed
}

std::string scanned(std::string_view text) {
    std::string out;
    Scanner scanner(text, 0);
    for (Token t = scanner.next(); t.kind != TokenKind::end; t = scanner.next()) {
        if (!out.empty()) out += ' ';
        out += text.substr(t.span.begin, t.span.end - t.span.begin);
        if (!t.complete) out += '!';
    }
    out += " /" + std::to_string(scanner.open().size());
    return scanner.lost() ? out + " lost" : out;
}

TEST(Scanner, Tokens) {
    EXPECT_EQ(scanned("let x=1.5..2 // c\n+ 'a' /* b */ \"c\\\"d\"\"e\" ===y"),
              "let x = 1.5 .. 2 + 'a' \"c\\\"d\"\"e\" === y /0");
    EXPECT_EQ(scanned("#{a: [f(1)]}"), "#{ a : [ f ( 1 ) ] } /0");
    EXPECT_EQ(scanned("`a ${b + `c``${d}`} e`"), "` ${ b + ` ${ d } ` } ` /0");
    EXPECT_EQ(scanned("a?[b]?.c"), "a ?[ b ] ?. c /0");
    EXPECT_EQ(scanned("a !in b !inside"), "a !in b ! inside /0");
    EXPECT_EQ(scanned("({["), "( { [ /3");
    EXPECT_EQ(scanned("(]"), "( ] /1 lost");
    EXPECT_EQ(scanned(")"), ") /0 lost");
    EXPECT_EQ(scanned("\"a\nb"), "\"a! b /0 lost");
    EXPECT_EQ(scanned("\"a\\\nb\""), "\"a\\\nb\" /0");
    EXPECT_EQ(scanned("`a"), "` /1 lost");
    EXPECT_EQ(scanned("a /* b"), "a /*! b /0 lost");
    EXPECT_EQ(scanned("\x01 \xC3\xA9"), "\x01 \xC3\xA9 /0");
}

}  // namespace

}  // namespace sluice::dsl::ast
