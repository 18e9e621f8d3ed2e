// Operator precedence: every pair of operators, against the table of section 4 written down once more here.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "parsing.hpp"

namespace sluice::dsl::ast {

namespace {

struct Operator {
    std::string text;
    int precedence;
};

const std::vector<Operator> operators{
    {"<<", 210}, {">>", 210}, {"**", 190},  {"*", 180},  {"/", 180}, {"%", 180},  {"+", 150},
    {"-", 150},  {"..", 140}, {"..=", 140}, {"??", 135}, {"<", 130}, {"<=", 130}, {">", 130},
    {">=", 130}, {"in", 110}, {"!in", 110}, {"==", 90},  {"!=", 90}, {"is", 90},  {"not", 90},
    {"&&", 60},  {"&", 60},   {"||", 30},   {"|", 30},   {"^", 30},
};

std::string printed(const Operator& op) { return op.text == "is" ? "==" : op.text == "not" ? "!=" : op.text; }

TEST(Precedence, AllPairs) {
    for (const auto& first : operators) {
        for (const auto& second : operators) {
            const std::string text = "a " + first.text + " b " + second.text + " c";
            const bool right = second.precedence > first.precedence || (first.text == "**" && second.text == "**");
            const std::string left_form = "(" + printed(second) + " (" + printed(first) + " a b) c)";
            const std::string right_form = "(" + printed(first) + " a (" + printed(second) + " b c))";
            EXPECT_EQ(dump(text), right ? right_form : left_form) << text;
        }
    }
}

TEST(Precedence, UnaryBindsTighterThanEveryBinary) {
    for (const auto& op : operators) {
        EXPECT_EQ(dump("-a " + op.text + " !b"), "(" + printed(op) + " (- a) (! b))") << op.text;
    }
}

TEST(Precedence, SuffixesBindTightest) {
    EXPECT_EQ(dump("-a.b[c].d(e)?.f?[g]"), "(- (?index (?. (method (index (. a b) c) d e) f) g))");
    EXPECT_EQ(dump("!a.b()"), "(! (method a b))");
    EXPECT_EQ(dump("a ** b.c"), "(** a (. b c))");
}

TEST(Precedence, LongChains) {
    EXPECT_EQ(dump("1 + 2 - 3 + 4"), "(+ (- (+ 1 2) 3) 4)");
    EXPECT_EQ(dump("2 ** 3 ** 4 ** 5"), "(** 2 (** 3 (** 4 5)))");
    EXPECT_EQ(dump("a << b ** c << d ** e"), "(** (<< a b) (** (<< c d) e))");
    EXPECT_EQ(dump("a || b && c == d in e < f ?? g .. h + i * j ** k << l"),
              "(|| a (&& b (== c (in d (< e (?? f (.. g (+ h (* i (** j (<< k l)))))))))))");
    EXPECT_EQ(dump("a << b ** c * d + e .. f ?? g < h in i == j && k || l"),
              "(|| (&& (== (in (< (?? (.. (+ (* (** (<< a b) c) d) e) f) g) h) i) j) k) l)");
    EXPECT_EQ(dump("(a + b) * (c - d)"), "(* (+ a b) (- c d))");
}

TEST(Precedence, TrapsOfTheSpecification) {
    EXPECT_EQ(dump("1 << 2 + 1"), "(+ (<< 1 2) 1)");
    EXPECT_EQ(dump("6 & 3 == 2"), "(& 6 (== 3 2))");
    EXPECT_EQ(dump("5 ^ 1 & 3"), "(^ 5 (& 1 3))");
    EXPECT_EQ(dump("1 .. 2 + 3"), "(.. 1 (+ 2 3))");
    EXPECT_EQ(dump("1 == () ?? 1"), "(== 1 (?? () 1))");
    EXPECT_EQ(dump("-x ** 2"), "(** (- x) 2)");
    EXPECT_EQ(dump("true is 1 < 2"), "(== true (< 1 2))");
    EXPECT_EQ(dump("1 in [1] is true"), "(== (in 1 (array 1)) true)");
    EXPECT_EQ(dump("!inside"), "(! inside)");
    EXPECT_EQ(dump("a !in b"), "(!in a b)");
    EXPECT_EQ(dump("a!in b"), "(!in a b)");
    EXPECT_EQ(dump("f!(x) + g!(h!(1), h(2))"), "(+ (call f! x) (call g! (call h! 1) (call h 2)))");
    EXPECT_EQ(dump("f ! (x)"), "(call f! x)");
    EXPECT_EQ(dump("a != (b)"), "(!= a b)");
}

}  // namespace

}  // namespace sluice::dsl::ast
