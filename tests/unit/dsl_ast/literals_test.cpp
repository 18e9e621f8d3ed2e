// Values of literals (vsl-language.md section 2).
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "parsing.hpp"

namespace sluice::dsl::ast {

namespace {

constexpr auto smallest = std::numeric_limits<std::int64_t>::min();
constexpr auto largest = std::numeric_limits<std::int64_t>::max();

// The only node of a text, which must be a literal of the kind.
template <class T>
T literal(std::string_view text, Kind kind) {
    const Parsed parsed = parse_text(text);
    EXPECT_TRUE(parsed.ast != nullptr && parsed.ast->statements.size() == 1) << text << ": " << places(parsed);
    if (parsed.ast == nullptr || parsed.ast->statements.size() != 1) return T{};
    EXPECT_EQ(parsed.ast->statements[0]->kind, kind) << text;
    return parsed.ast->statements[0]->kind == kind ? as<T>(*parsed.ast->statements[0]) : T{};
}

std::int64_t integer(std::string_view text) { return literal<Integer>(text, Kind::integer).value; }
double floating(std::string_view text) { return literal<Floating>(text, Kind::floating).value; }
char32_t character(std::string_view text) { return literal<Character>(text, Kind::character).value; }

// A String's value may point into the tree, so it is copied while the tree lives.
std::string string(std::string_view text) {
    const Parsed parsed = parse_text(text);
    if (parsed.ast == nullptr || parsed.ast->statements.size() != 1) return "not parsed: " + places(parsed);
    const Node& n = *parsed.ast->statements[0];
    return n.kind == Kind::string ? std::string(as<String>(n).value) : "not a string";
}

TEST(Literals, Integers) {
    EXPECT_EQ(integer("0"), 0);
    EXPECT_EQ(integer("007"), 7);
    EXPECT_EQ(integer("1_000_"), 1000);
    EXPECT_EQ(integer("9223372036854775807"), largest);
    EXPECT_EQ(integer("0xFF"), 255);
    EXPECT_EQ(integer("0XfF_00"), 0xff00);
    EXPECT_EQ(integer("0o755"), 493);
    EXPECT_EQ(integer("0B1010_0101"), 165);
    EXPECT_EQ(integer("0xffff_ffff_ffff_ffff"), -1);
    EXPECT_EQ(integer("0x8000000000000000"), smallest);
    EXPECT_EQ(integer("0x0000000000000000000001"), 1);
}

TEST(Literals, MinusBelongsToTheNumberWhereAnOperandStands) {
    EXPECT_EQ(integer("-5"), -5);
    EXPECT_EQ(integer("-0xFF"), -255);
    EXPECT_EQ(integer("-9223372036854775808"), smallest);
    EXPECT_EQ(integer("-0"), 0);
    EXPECT_TRUE(std::signbit(floating("-0.0")));
    EXPECT_EQ(floating("-1.5"), -1.5);
    EXPECT_EQ(dump("- 5"), "(- 5)");
    EXPECT_EQ(dump("- 9223372036854775808"), "(- 9.223372036854776e+18)");
    EXPECT_EQ(dump("2 -3"), "(- 2 3)");
    EXPECT_EQ(dump("2 - -3"), "(- 2 -3)");
    EXPECT_EQ(dump("a-1"), "(- a 1)");
    EXPECT_EQ(dump("[-1, f(-2), #{a: -3}, -4..-5]"), "(array -1 (call f -2) (map \"a\" -3) (.. -4 -5))");
    EXPECT_EQ(dump("-5.abs()"), "(method -5 abs)");
    EXPECT_EQ(dump("-x.abs()"), "(- (method x abs))");
    EXPECT_EQ(dump("!-5"), "(! -5)");
    EXPECT_EQ(dump("- -5"), "(- -5)");
    EXPECT_EQ(dump("return -5"), "(return -5)");
    EXPECT_EQ(dump("a; -5"), "a ; -5");
    EXPECT_EQ(dump("{ } -5"), "(block) ; -5");
}

TEST(Literals, IntegersThatDoNotFitAreFloats) {
    EXPECT_EQ(floating("9223372036854775808"), 9223372036854775808.0);
    EXPECT_EQ(floating("-9223372036854775809"), -9223372036854775808.0);
    EXPECT_EQ(floating("1_0000000000000000000000"), 1e22);
    EXPECT_EQ(floating("-0x8000000000000000"), 9223372036854775808.0 * -1);
    EXPECT_EQ(errors_of("0x1_0000_0000_0000_0000"), "number_too_large 1:1-24");
    EXPECT_EQ(errors_of("0b1" + std::string(64, '0')), "number_too_large 1:1-68");
}

TEST(Literals, Floats) {
    EXPECT_EQ(floating("1.5"), 1.5);
    EXPECT_EQ(floating("1_0.2_5"), 10.25);
    EXPECT_EQ(floating("1e5"), 1e5);
    EXPECT_EQ(floating("1E5"), 1e5);
    EXPECT_EQ(floating("2.5e+3"), 2500);
    EXPECT_EQ(floating("1.25e-2"), 0.0125);
    EXPECT_EQ(floating("1."), 1.0);
    EXPECT_EQ(floating("1.;"), 1.0);
    EXPECT_EQ(floating("(1.)"), 1.0);
    EXPECT_EQ(floating("0.1"), 0.1);
    EXPECT_EQ(floating("1.7976931348623157e308"), std::numeric_limits<double>::max());
}

TEST(Literals, BeyondADouble) {
    const double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(floating("1e400"), infinity);
    EXPECT_EQ(floating("-1e400"), -infinity);
    EXPECT_EQ(floating(std::string(400, '9')), infinity);
    EXPECT_EQ(floating(std::string(400, '9') + ".5"), infinity);
    EXPECT_EQ(floating("1e99999999999999999999"), infinity);
    EXPECT_EQ(floating("1e-400"), 0);
    EXPECT_EQ(floating("0." + std::string(400, '0') + "1"), 0);
    EXPECT_EQ(floating("1e-99999999999999999999"), 0);
    EXPECT_EQ(floating("0e400"), 0);
    EXPECT_EQ(floating("0.0e99999999999999999999"), 0);
    EXPECT_EQ(floating("0." + std::string(10, '0') + "1e400"), infinity);
    EXPECT_EQ(floating("1" + std::string(10, '0') + "e-400"), 0);
}

TEST(Literals, DotAfterDigits) {
    EXPECT_EQ(dump("1..2"), "(.. 1 2)");
    EXPECT_EQ(dump("1.abs()"), "(method 1 abs)");
    EXPECT_EQ(dump("1.5.abs()"), "(method 1.5 abs)");
    EXPECT_EQ(dump("1..=2"), "(..= 1 2)");
    EXPECT_EQ(dump("1. + 2"), "(+ 1.0 2)");
    EXPECT_EQ(dump("1.0..2.0"), "(.. 1.0 2.0)");
    EXPECT_EQ(errors_of("1._5"), "malformed_name 1:3-5");
}

TEST(Literals, Characters) {
    EXPECT_EQ(character("'x'"), U'x');
    EXPECT_EQ(character("'\xC3\xA9'"), U'\u00e9');
    EXPECT_EQ(character("'\xF0\x9F\x93\xA7'"), U'\U0001F4E7');
    EXPECT_EQ(character(R"('\'')"), U'\'');
    EXPECT_EQ(character(R"('\"')"), U'"');
    EXPECT_EQ(character(R"('"')"), U'"');
    EXPECT_EQ(character("''''"), U'\'');
    EXPECT_EQ(character(R"('\\')"), U'\\');
    EXPECT_EQ(character(R"('\n')"), U'\n');
    EXPECT_EQ(character(R"('\x41')"), U'A');
    EXPECT_EQ(character(R"('\xE9')"), U'\u00e9');
    EXPECT_EQ(character(R"('\u2709')"), U'\u2709');
    EXPECT_EQ(character(R"('\U0001F4E7')"), U'\U0001F4E7');
    EXPECT_EQ(character("'`'"), U'`');
    EXPECT_EQ(character("'\t'"), U'\t');
}

TEST(Literals, Strings) {
    EXPECT_EQ(string(R"("")"), "");
    EXPECT_EQ(string(R"("plain")"), "plain");
    EXPECT_EQ(string(R"("\\ \" \t \n \r")"), "\\ \" \t \n \r");
    EXPECT_EQ(string(R"("\x41\u00e9\U0001F4E7")"), "A\xC3\xA9\xF0\x9F\x93\xA7");
    EXPECT_EQ(string(R"("say ""hi""")"), "say \"hi\"");
    EXPECT_EQ(string(R"("""")"), "\"");
    EXPECT_EQ(string(R"("it's `so` // no /* comment */ ${x}")"), "it's `so` // no /* comment */ ${x}");
    EXPECT_EQ(string("\"\xC3\xA9\""), "\xC3\xA9");
    EXPECT_EQ(string("\"a\rb\""), "a\rb");  // a carriage return alone is no line break
}

// The white space of the next line is dropped up to and including the column of the opening quote.
TEST(Literals, StringsContinueAfterABackslash) {
    EXPECT_EQ(string("\"one \\\ntwo\""), "one two");
    EXPECT_EQ(string("\"one \\\n two\""), "one two");
    EXPECT_EQ(string("\"one \\\n  two\""), "one  two");
    EXPECT_EQ(string("   \"one \\\n    two\""), "one two");
    EXPECT_EQ(string("   \"one \\\n     two\""), "one  two");
    EXPECT_EQ(string("   \"one \\\n two\""), "one two");
    EXPECT_EQ(string("\"one \\\r\n two\""), "one two");
    EXPECT_EQ(string("\"a\\\nb\\\nc\""), "abc");
    EXPECT_EQ(string("\"a\\\n\""), "a");
    EXPECT_EQ(dump("\"\xC3\xA9\"; \"a\\\n     b\""), "\"\xC3\xA9\" ; \"ab\"");  // columns count scalars
    EXPECT_EQ(errors_of("\"a\\\nb\nc\""), "unterminated_string 1:1-2:2");
    EXPECT_EQ(errors_of("\"a\\"), "unterminated_string 1:1-4");
}

TEST(Literals, BackTickStrings) {
    EXPECT_EQ(string("``"), "");
    EXPECT_EQ(string("`no \\n escapes \"'`"), "no \\n escapes \"'");
    EXPECT_EQ(string("`a``b`"), "a`b");
    EXPECT_EQ(string("````"), "`");
    EXPECT_EQ(string("`$5 $ {$}`"), "$5 $ {$}");
    EXPECT_EQ(string("`one\ntwo`"), "one\ntwo");
    EXPECT_EQ(string("`\none\n`"), "one\n");
    EXPECT_EQ(string("`\n\none`"), "\none");
    EXPECT_EQ(string("`\r\none\r\ntwo`"), "one\ntwo");
    EXPECT_EQ(string("`a\rb`"), "a\rb");
    EXPECT_EQ(string("`\n`"), "");
}

TEST(Literals, Interpolation) {
    EXPECT_EQ(dump("`a ${b} c`"), "(template \"a \" (block b) \" c\")");
    EXPECT_EQ(dump("`${}`"), "(template (block))");
    EXPECT_EQ(dump("`${ let a = 2; a * 3 }`"), "(template (block (let a 2) (* a 3)))");
    EXPECT_EQ(dump("`a${`b${1}`}c`"), "(template \"a\" (block (template \"b\" (block 1))) \"c\")");
    EXPECT_EQ(dump("`${ \"}\" }`"), "(template (block \"}\"))");
    EXPECT_EQ(dump("`${ #{a: '}'} }`"), "(template (block (map \"a\" '}')))");
    EXPECT_EQ(dump("`${ /* } */ 1 // }\n }`"), "(template (block 1))");
    EXPECT_EQ(dump("`$${1}$`"), "(template \"$\" (block 1) \"$\")");
    EXPECT_EQ(dump("`\n${1}\r\n`"), "(template (block 1) \"\\n\")");
    EXPECT_EQ(dump("`a``${1}``b`"), "(template \"a`\" (block 1) \"`b\")");
}

TEST(Literals, CommentsAreBlanks) {
    EXPECT_EQ(dump("//! file\n/// doc\nfn f() { /** inner */ 1 } // end"), "(fn f () (block 1))");
    EXPECT_EQ(dump("1 /* one /* nested */ comment */ + 2 // tail"), "(+ 1 2)");
    EXPECT_EQ(dump("a/**/./**/b/**/(/**/)"), "(method a b)");
    EXPECT_EQ(dump("/***/ 1"), "1");
    EXPECT_EQ(dump("/// doc comment before nothing"), "");
}

TEST(Literals, FirstLine) {
    EXPECT_EQ(dump("#!/usr/bin/env sluice\n1"), "1");
    EXPECT_EQ(dump("#!"), "");
    EXPECT_EQ(dump("\xEF\xBB\xBF"
                   "1"),
              "1");  // a byte order mark
    EXPECT_EQ(errors_of("\n#!x"), "reserved_symbol 2:1-3");
}

}  // namespace

}  // namespace sluice::dsl::ast
